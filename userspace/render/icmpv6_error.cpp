// SPDX-License-Identifier: Apache-2.0
// What ICMPv6 says of a packet that could not be delivered (RFC 4443 §3).
#include "render/icmpv6_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

#include <array>
#include <optional>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t ipv6_header = 40;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t code_scope = 2;
constexpr std::uint8_t code_port = 4;

constexpr std::array<std::string_view, 5> unreachable{
    ", unreachable route", ",  unreachable prohibited", ", beyond scope", ", unreachable address",
    ", unreachable port"};

constexpr std::array<std::string_view, 4> problems{", erroneous", ", next header", ", option",
                                                   ", incomplete header chain"};

struct QuotedPort {
    std::uint8_t protocol;
    std::uint16_t port;
};

// The destination port of the quoted packet, if it is TCP or UDP and was captured that far.
std::optional<QuotedPort> port_of(Bytes quoted)
{
    constexpr std::uint8_t fragment = 44;
    constexpr std::uint16_t fragment_offset = 0xfff8;
    std::size_t offset = ipv6_header;
    std::uint8_t protocol = quoted.u8(6);

    for (int i = 0; i <= TT_IPV6_EXTENSIONS_MAX; i++) {
        const Bytes header = quoted.from(offset);
        if (protocol == TT_PROTOCOL_TCP || protocol == protocol_udp) {
            if (!header.has(4))
                return std::nullopt;
            return QuotedPort{protocol, header.u16(2)};
        }
        const bool is_fragment = protocol == fragment;
        const std::uint32_t bytes = is_fragment ? 8 : tt_ipv6_extension(protocol, header.u8(1));
        if (bytes == 0 || !header.has(4) || (is_fragment && (header.u16(2) & fragment_offset)))
            return std::nullopt;
        protocol = header.u8(0);
        offset += bytes;
    }
    return std::nullopt;
}

LineEnd append_unreachable(std::string &out, Bytes icmp, const Names *names)
{
    const Bytes quoted = icmp.from(icmpv6_header);
    const std::uint8_t code = icmp.u8(1);
    const std::string destination = host_text(quoted.from(24).first(16), names);

    if (code >= unreachable.size()) {
        put(out, ", unknown unreach code ({})", code);
        return LineEnd::Whole;
    }
    out += unreachable[code];
    if (!quoted.has(ipv6_header))
        return cut_short(out, "icmp6");
    if (code == code_port) {
        const auto port = port_of(quoted);
        if (!port)
            return cut_short(out, "icmp6");
        put(out, ", {} {} port {}", destination, port->protocol == TT_PROTOCOL_TCP ? "tcp" : "udp",
            port_text(port->port, port->protocol, names));
        return LineEnd::Whole;
    }
    put(out, " {}", destination);
    if (code == code_scope)
        put(out, ", source address {}", host_text(quoted.from(8).first(16), names));
    return LineEnd::Whole;
}

LineEnd append_time_exceeded(std::string &out, Bytes icmp, const Names *names)
{
    const Bytes quoted = icmp.from(icmpv6_header);

    if (icmp.u8(1) == 0) {
        if (!quoted.has(ipv6_header))
            return cut_short(out, "icmp6");
        put(out, " for {}", host_text(quoted.from(24).first(16), names));
    } else if (icmp.u8(1) == 1) {
        out += " (reassembly)";
    } else {
        put(out, ", unknown code ({})", icmp.u8(1));
    }
    return LineEnd::Whole;
}

LineEnd append_parameter_problem(std::string &out, Bytes icmp)
{
    const std::uint8_t code = icmp.u8(1);

    if (!icmp.has(icmpv6_header + ipv6_header))
        return cut_short(out, "icmp6");
    if (code < problems.size())
        put(out, "{} - octet {}", problems[code], icmp.u32(4));
    else
        put(out, ", code-#{}", code);
    return LineEnd::Whole;
}

} // namespace

LineEnd append_icmpv6_error(std::string &out, Bytes icmp, const LineOptions &options)
{
    switch (Icmpv6Type{icmp.u8(0)}) {
    case Icmpv6Type::Unreachable:
        return append_unreachable(out, icmp, options.names);
    case Icmpv6Type::TimeExceeded:
        return append_time_exceeded(out, icmp, options.names);
    case Icmpv6Type::ParameterProblem:
        return append_parameter_problem(out, icmp);
    default:
        if (!icmp.has(icmpv6_header))
            return cut_short(out, "icmp6");
        put(out, ", mtu {}", icmp.u32(4));
        return LineEnd::Whole;
    }
}

} // namespace tcptrace
