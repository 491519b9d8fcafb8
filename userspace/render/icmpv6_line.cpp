// SPDX-License-Identifier: Apache-2.0
// ICMPv6 as tcpdump prints it: checksum, name and length; what each message says is in
// icmpv6_error.cpp, icmpv6_neighbour.cpp, icmpv6_multicast.cpp and icmpv6_node.cpp.
#include "render/icmpv6_line.h"

#include "render/checksum.h"
#include "render/ip_line.h"
#include "render/text.h"

namespace tcptrace {

namespace {

void append_checksum(std::string &out, Bytes icmp, const IpContext &ip)
{
    const std::uint16_t wrong = checksum_finish(checksum_add(ip.pseudo_sum, icmp.first(ip.length)));

    if (wrong == 0)
        out += "[icmp6 sum ok] ";
    else
        put(out, "[bad icmp6 cksum 0x{:04x} -> 0x{:04x}!] ", icmp.u16(2),
            checksum_should_be(icmp.u16(2), wrong));
}

// Of these the length stands in front with -v; of the others it does not stand at all.
bool tells_length_first(Icmpv6Type type)
{
    return (type >= Icmpv6Type::RouterSolicitation && type <= Icmpv6Type::Redirect) ||
           type == Icmpv6Type::HomeAgentReply || type == Icmpv6Type::MobilePrefixAdvertisement;
}

LineEnd append_message(std::string &out, Bytes icmp, std::uint32_t length,
                       const LineOptions &options)
{
    switch (Icmpv6Type{icmp.u8(0)}) {
    case Icmpv6Type::Unreachable:
    case Icmpv6Type::TooBig:
    case Icmpv6Type::TimeExceeded:
    case Icmpv6Type::ParameterProblem:
        return append_icmpv6_error(out, icmp, options);
    case Icmpv6Type::EchoRequest:
    case Icmpv6Type::EchoReply:
        if (!icmp.has(icmpv6_header))
            return cut_short(out, "icmp6");
        put(out, ", id {}, seq {}", icmp.u16(4), icmp.u16(6));
        return LineEnd::Whole;
    case Icmpv6Type::ListenerQuery:
    case Icmpv6Type::ListenerReport:
    case Icmpv6Type::ListenerDone:
    case Icmpv6Type::ListenerReport2:
        return append_icmpv6_multicast(out, icmp, length, options);
    case Icmpv6Type::NodeQuery:
    case Icmpv6Type::NodeReply:
        return append_icmpv6_node(out, icmp, length, options);
    case Icmpv6Type::InverseSolicitation:
    case Icmpv6Type::InverseAdvertisement:
        return LineEnd::Whole;
    default:
        return append_icmpv6_neighbour(out, icmp, length, options);
    }
}

// Types that have no words of their own behind the name are told as unknown ones are.
bool has_words(Icmpv6Type type)
{
    return !icmpv6_name(type).empty() && type != Icmpv6Type::TraceReply &&
           type != Icmpv6Type::TraceRequest && type != Icmpv6Type::RouterRenumbering &&
           type != Icmpv6Type::Rpl;
}

} // namespace

std::string_view icmpv6_name(Icmpv6Type type)
{
    switch (type) {
    case Icmpv6Type::Unreachable:
        return "destination unreachable";
    case Icmpv6Type::TooBig:
        return "packet too big";
    case Icmpv6Type::TimeExceeded:
        return "time exceeded in-transit";
    case Icmpv6Type::ParameterProblem:
        return "parameter problem";
    case Icmpv6Type::EchoRequest:
        return "echo request";
    case Icmpv6Type::EchoReply:
        return "echo reply";
    case Icmpv6Type::ListenerQuery:
        return "multicast listener query";
    case Icmpv6Type::ListenerReport:
        return "multicast listener report";
    case Icmpv6Type::ListenerDone:
        return "multicast listener done";
    case Icmpv6Type::RouterSolicitation:
        return "router solicitation";
    case Icmpv6Type::RouterAdvertisement:
        return "router advertisement";
    case Icmpv6Type::NeighbourSolicitation:
        return "neighbor solicitation";
    case Icmpv6Type::NeighbourAdvertisement:
        return "neighbor advertisement";
    case Icmpv6Type::Redirect:
        return "redirect";
    case Icmpv6Type::RouterRenumbering:
        return "router renumbering";
    case Icmpv6Type::NodeQuery:
        return "who-are-you request";
    case Icmpv6Type::NodeReply:
        return "who-are-you reply";
    case Icmpv6Type::InverseSolicitation:
        return "inverse neighbor solicitation";
    case Icmpv6Type::InverseAdvertisement:
        return "inverse neighbor advertisement";
    case Icmpv6Type::ListenerReport2:
        return "multicast listener report v2";
    case Icmpv6Type::HomeAgentRequest:
        return "ha discovery request";
    case Icmpv6Type::HomeAgentReply:
        return "ha discovery reply";
    case Icmpv6Type::MobilePrefixSolicitation:
        return "mobile router solicitation";
    case Icmpv6Type::MobilePrefixAdvertisement:
        return "mobile router advertisement";
    case Icmpv6Type::Rpl:
        return "RPL";
    case Icmpv6Type::TraceReply:
        return "mtrace response";
    case Icmpv6Type::TraceRequest:
        return "mtrace message";
    }
    return {};
}

LineEnd append_icmpv6(std::string &out, Bytes icmp, const IpContext &ip, const LineContext &context)
{
    const Icmpv6Type type{icmp.u8(0)};
    const int verbosity = context.options.verbosity;

    if (ip.length == 0) {
        out += "ICMP6, length 0 (invalid)";
        return LineEnd::Whole;
    }
    if (verbosity > 0 && !ip.fragmented && icmp.has(ip.length))
        append_checksum(out, icmp, ip);
    if (!icmp.has(1))
        return cut_short(out, "icmp6");
    if (icmpv6_name(type).empty())
        put(out, "ICMP6, unknown icmp6 type ({})", icmp.u8(0));
    else
        put(out, "ICMP6, {}", icmpv6_name(type));
    if (verbosity > 0 && tells_length_first(type))
        put(out, ", length {}", ip.length);
    if (!icmp.has(2))
        return cut_short(out, "icmp6");
    if (!has_words(type)) {
        put(out, ", length {}", ip.length);
        if (verbosity <= 1)
            append_hex_block(out, icmp.first(ip.length).span());
        return LineEnd::Whole;
    }
    if (append_message(out, icmp, ip.length, context.options) == LineEnd::Cut)
        return LineEnd::Cut;
    if (type == Icmpv6Type::Unreachable && icmp.u8(1) > 4 && verbosity <= 1)
        append_hex_block(out, icmp.first(ip.length).span());
    else if (verbosity == 0)
        put(out, ", length {}", ip.length);
    return LineEnd::Whole;
}

} // namespace tcptrace
