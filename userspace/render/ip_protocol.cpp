// SPDX-License-Identifier: Apache-2.0
#include "render/ip_protocol.h"

#include "render/ethernet_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/tcp_line.h"
#include "render/text.h"
#include "render/tunnel_line.h"
#include "render/udp_line.h"

#include <tcptrace/tunnel.h>

namespace tcptrace {

namespace {

constexpr std::uint8_t no_next_header = 59; // RFC 8200 §4.7
constexpr std::uint8_t ethernet = 143;      // RFC 8986 §4.9

LineEnd append_mismatch(std::string &out, std::string_view what)
{
    put(out, "[{}] (invalid)", what);
    return LineEnd::Whole;
}

} // namespace

bool prints_own_ends(std::uint8_t protocol)
{
    return protocol == TT_PROTOCOL_TCP || protocol == TT_PROTOCOL_UDP;
}

void append_ends(std::string &out, Bytes ports, std::uint8_t protocol, const IpContext &ip,
                 const Names *names)
{
    const std::string source = port_text(ports.u16(0), protocol, names);
    const std::string destination = port_text(ports.u16(2), protocol, names);

    if (ip.source.empty())
        put(out, "{} > {}: ", source, destination);
    else
        put(out, "{}.{} > {}.{}: ", ip.source, source, ip.destination, destination);
}

LineEnd append_ip_protocol(std::string &out, std::uint8_t protocol, Bytes payload,
                           const IpContext &ip, const LineContext &context)
{
    switch (protocol) {
    case TT_PROTOCOL_TCP:
        return append_tcp(out, payload, ip, context);
    case TT_PROTOCOL_UDP:
        return append_udp(out, payload, ip, context);
    case TT_PROTOCOL_ICMP:
        if (ip.ipv6)
            return append_mismatch(out, "ICMP requires IPv4");
        return append_icmp(out, payload, ip, context);
    case TT_PROTOCOL_ICMPV6:
        if (!ip.ipv6)
            return append_mismatch(out, "ICMPv6 requires IPv6");
        return append_icmpv6(out, payload, ip, context);
    case TT_PROTOCOL_GRE:
        return append_gre(out, payload, ip.length, context);
    case TT_PROTOCOL_IPV4:
    case TT_PROTOCOL_IPV6:
        return one_level_in(out, context, [&](const LineContext &inner) {
            return protocol == TT_PROTOCOL_IPV4 ? append_ipv4(out, payload, ip.length, inner)
                                                : append_ipv6(out, payload, ip.length, inner);
        });
    case no_next_header:
        out += "no next header";
        return LineEnd::Whole;
    case ethernet:
        if (!ip.ipv6)
            return append_mismatch(out, "Ethernet requires IPv6");
        return one_level_in(out, context, [&](const LineContext &inner) {
            return append_ethernet(out, payload, ip.length, inner);
        });
    default:
        put(out, " {} {}", protocol_word(protocol, context.options.names), ip.length);
        return LineEnd::Whole;
    }
}

} // namespace tcptrace
