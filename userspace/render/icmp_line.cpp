// SPDX-License-Identifier: Apache-2.0
// ICMP (IPv4) as tcpdump prints it: one line, and with -v the packet that an error quotes.
#include "render/icmp_line.h"

#include "render/checksum.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

namespace tcptrace {

namespace {

constexpr std::size_t icmp_header = 8;

// RFC 792: milliseconds since midnight UTC; hours beyond a day are printed as they are.
void append_timestamp(std::string &out, std::string_view name, std::uint32_t ms)
{
    put(out, "{} {:02}:{:02}:{:02}.{:03}", name, ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60,
        ms % 1000);
}

void append_lifetime(std::string &out, std::uint32_t seconds)
{
    if (seconds < 60)
        put(out, "{}", seconds);
    else if (seconds < 3600)
        put(out, "{}:{:02}", seconds / 60, seconds % 60);
    else
        put(out, "{}:{:02}:{:02}", seconds / 3600, seconds % 3600 / 60, seconds % 60);
}

// RFC 1256
bool append_router_advertisement(std::string &out, Bytes icmp, const Names *names)
{
    constexpr std::size_t entry_size = 8;
    const std::uint8_t entries = icmp.u8(4);

    if (!icmp.has(icmp_header))
        return false;
    out += "router advertisement lifetime ";
    append_lifetime(out, icmp.u16(6));
    put(out, " {}:", entries);
    if (icmp.u8(5) != 2) {
        put(out, " [size {}]", icmp.u8(5));
        return true;
    }
    for (std::size_t i = 0; i < entries; i++) {
        const Bytes entry = icmp.from(icmp_header + i * entry_size);
        if (!entry.has(entry_size))
            return false;
        put(out, " {{{} {}}}", host_text(entry.first(4), names), entry.u32(4));
    }
    return true;
}

bool append_time_exceeded(std::string &out, Bytes icmp)
{
    if (icmp.u8(1) == 0)
        out += "time exceeded in-transit";
    else if (icmp.u8(1) == 1)
        out += "ip reassembly time exceeded";
    else
        put(out, "time exceeded-#{}", icmp.u8(1));
    return icmp.has(icmp_header + 20);
}

bool append_parameter_problem(std::string &out, Bytes icmp)
{
    if (icmp.u8(1) != 0) {
        put(out, "parameter problem - code {}", icmp.u8(1));
        return true;
    }
    put(out, "parameter problem - octet {}", icmp.u8(4));
    return icmp.has(5);
}

bool append_timestamps(std::string &out, Bytes icmp)
{
    const bool reply = icmp.u8(0) == static_cast<std::uint8_t>(IcmpType::TimestampReply);

    put(out, "time stamp {} id {} seq {}", reply ? "reply" : "query", icmp.u16(4), icmp.u16(6));
    if (!reply)
        return icmp.has(icmp_header);
    append_timestamp(out, ": org", icmp.u32(8));
    append_timestamp(out, ", recv", icmp.u32(12));
    append_timestamp(out, ", xmit", icmp.u32(16));
    return icmp.has(20);
}

std::string_view plain_name(IcmpType type)
{
    switch (type) {
    case IcmpType::SourceQuench:
        return "source quench";
    case IcmpType::RouterSolicitation:
        return "router solicitation";
    case IcmpType::InformationRequest:
        return "information request";
    case IcmpType::InformationReply:
        return "information reply";
    case IcmpType::AddressMaskRequest:
        return "address mask request";
    default:
        return {};
    }
}

// False: the capture cut off something that belongs there.
bool append_message(std::string &out, Bytes icmp, const Names *names)
{
    const IcmpType type{icmp.u8(0)};

    switch (type) {
    case IcmpType::EchoRequest:
    case IcmpType::EchoReply:
        put(out, "echo {}, id {}, seq {}", type == IcmpType::EchoRequest ? "request" : "reply",
            icmp.u16(4), icmp.u16(6));
        return icmp.has(icmp_header);
    case IcmpType::Unreachable:
        return append_icmp_unreachable(out, icmp, names);
    case IcmpType::Redirect:
        return append_icmp_redirect(out, icmp, names);
    case IcmpType::RouterAdvertisement:
        return append_router_advertisement(out, icmp, names);
    case IcmpType::TimeExceeded:
        return append_time_exceeded(out, icmp);
    case IcmpType::ParameterProblem:
        return append_parameter_problem(out, icmp);
    case IcmpType::AddressMaskReply:
        put(out, "address mask is 0x{:08x}", icmp.u32(8));
        return icmp.has(12);
    case IcmpType::TimestampRequest:
    case IcmpType::TimestampReply:
        return append_timestamps(out, icmp);
    default:
        break;
    }
    if (plain_name(type).empty())
        put(out, "type-#{}", icmp.u8(0));
    else
        out += plain_name(type);
    return true;
}

bool quotes_packet(IcmpType type)
{
    return type == IcmpType::Unreachable || type == IcmpType::SourceQuench ||
           type == IcmpType::Redirect || type == IcmpType::TimeExceeded ||
           type == IcmpType::ParameterProblem;
}

bool may_be_extended(IcmpType type)
{
    return type == IcmpType::Unreachable || type == IcmpType::TimeExceeded ||
           type == IcmpType::ParameterProblem;
}

LineEnd append_quoted(std::string &out, Bytes icmp, const LineContext &context)
{
    const Bytes quoted = icmp.from(icmp_header);

    out += "\n\t";
    if (!quoted.has(4))
        return cut_short(out, "icmp");
    return one_level_in(out, context, [&](const LineContext &inner) {
        return append_ipv4(out, quoted.first(quoted.u16(2)), quoted.u16(2), inner);
    });
}

} // namespace

LineEnd append_icmp(std::string &out, Bytes icmp, const IpContext &ip, const LineContext &context)
{
    const IcmpType type{icmp.u8(0)};
    std::string message;

    if (!icmp.has(2) || !append_message(message, icmp, context.options.names))
        return cut_short(out, "icmp");
    put(out, "ICMP {}, length {}", message, ip.length);
    if (context.options.verbosity == 0)
        return LineEnd::Whole;
    if (!ip.fragmented && icmp.has(ip.length)) {
        const std::uint16_t wrong = checksum_finish(checksum_add(0, icmp.first(ip.length)));
        if (wrong != 0 && !icmp.has(4))
            return cut_short(out, "icmp");
        if (wrong != 0)
            put(out, " (wrong icmp cksum {:x} (->{:x})!)", icmp.u16(2),
                checksum_should_be(icmp.u16(2), wrong));
    }
    if (quotes_packet(type) && append_quoted(out, icmp, context) == LineEnd::Cut)
        return LineEnd::Cut;
    return may_be_extended(type) ? append_icmp_extension(out, icmp, ip.length) : LineEnd::Whole;
}

} // namespace tcptrace
