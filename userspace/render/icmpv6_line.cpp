// SPDX-License-Identifier: Apache-2.0
// ICMPv6 errors as tcpdump prints them.
#include "render/checksum.h"
#include "render/ip_line.h"
#include "render/text.h"

#include <tcptrace/read_segment.h>

#include <array>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t icmp_header = 8;
constexpr std::size_t ipv6_header = 40;
constexpr std::uint8_t code_scope = 2;
constexpr std::uint8_t code_port = 4;

constexpr std::array<std::string_view, 5> unreachable{
    ", unreachable route", ",  unreachable prohibited", ", beyond scope", ", unreachable address",
    ", unreachable port"};

LineEnd append_port(std::string &out, Bytes quoted, const std::string &destination)
{
    const std::uint8_t protocol = quoted.u8(6);

    if (!quoted.has(ipv6_header + 4))
        return cut_short(out, "icmp6");
    const std::uint16_t port = quoted.u16(ipv6_header + 2);
    if (protocol == TT_PROTOCOL_TCP)
        put(out, ", {} tcp port {}", destination, port);
    else if (protocol == 17)
        put(out, ", {} udp port {}", destination, port);
    else
        put(out, ", {} protocol {} port {} unreachable", destination, protocol, port);
    return LineEnd::Whole;
}

LineEnd append_unreachable(std::string &out, Bytes icmp)
{
    const Bytes quoted = icmp.from(icmp_header);
    const std::uint8_t code = icmp.u8(1);
    const std::string destination = address_text(quoted.from(24).first(16));

    out += "destination unreachable";
    if (!icmp.has(2))
        return cut_short(out, "icmp6");
    if (code >= unreachable.size()) {
        put(out, ", unknown unreach code ({})", code);
        return LineEnd::Whole;
    }
    out += unreachable[code];
    if (!quoted.has(ipv6_header))
        return cut_short(out, "icmp6");
    if (code == code_port)
        return append_port(out, quoted, destination);
    put(out, " {}", destination);
    if (code == code_scope)
        put(out, ", source address {}", address_text(quoted.from(8).first(16)));
    return LineEnd::Whole;
}

LineEnd append_time_exceeded(std::string &out, Bytes icmp)
{
    const Bytes quoted = icmp.from(icmp_header);

    out += "time exceeded in-transit";
    if (!quoted.has(ipv6_header))
        return cut_short(out, "icmp6");
    if (icmp.u8(1) == 0)
        put(out, " for {}", address_text(quoted.from(24).first(16)));
    else if (icmp.u8(1) == 1)
        out += " (reassembly)";
    else
        put(out, ", unknown code ({})", icmp.u8(1));
    return LineEnd::Whole;
}

LineEnd append_message(std::string &out, Bytes icmp)
{
    switch (icmp.u8(0)) {
    case TT_ICMPV6_UNREACHABLE:
        return append_unreachable(out, icmp);
    case TT_ICMPV6_TIME_EXCEEDED:
        return append_time_exceeded(out, icmp);
    case TT_ICMPV6_TOO_BIG:
        out += "packet too big";
        if (!icmp.has(icmp_header))
            return cut_short(out, "icmp6");
        put(out, ", mtu {}", icmp.u32(4));
        return LineEnd::Whole;
    default:
        put(out, "unknown icmp6 type ({})", icmp.u8(0));
        return LineEnd::Whole;
    }
}

} // namespace

LineEnd append_icmpv6(std::string &out, Bytes icmp, const IpContext &ip, const LineContext &context)
{
    if (!icmp.has(1))
        return cut_short(out, "icmp6");
    if (context.options.verbosity > 0 && icmp.has(ip.length)) {
        const std::uint16_t wrong =
            checksum_finish(checksum_add(ip.pseudo_sum, icmp.first(ip.length)));
        if (wrong == 0)
            out += "[icmp6 sum ok] ";
        else
            put(out, "[bad icmp6 cksum 0x{:04x} -> 0x{:04x}!] ", icmp.u16(2),
                checksum_should_be(icmp.u16(2), wrong));
    }
    out += "ICMP6, ";
    const LineEnd end = append_message(out, icmp);
    if (end == LineEnd::Cut)
        return end;
    const bool unknown = icmp.u8(0) == TT_ICMPV6_UNREACHABLE && icmp.u8(1) >= unreachable.size();
    if (unknown && context.options.verbosity <= 1)
        append_hex_block(out, icmp.first(ip.length).span());
    else if (context.options.verbosity == 0)
        put(out, ", length {}", ip.length);
    return end;
}

} // namespace tcptrace
