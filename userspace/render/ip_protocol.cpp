// SPDX-License-Identifier: Apache-2.0
#include "render/ip_protocol.h"

#include "render/ip_line.h"
#include "render/tcp_line.h"
#include "render/text.h"
#include "render/udp_line.h"

#include <tcptrace/tunnel.h>

namespace tcptrace {

bool prints_own_ends(std::uint8_t protocol)
{
    return protocol == TT_PROTOCOL_TCP || protocol == TT_PROTOCOL_UDP;
}

void append_ends(std::string &out, Bytes ports, const IpContext &ip)
{
    if (ip.source.empty())
        put(out, "{} > {}: ", ports.u16(0), ports.u16(2));
    else
        put(out, "{}.{} > {}.{}: ", ip.source, ports.u16(0), ip.destination, ports.u16(2));
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
        return append_icmp(out, payload, ip, context);
    case TT_PROTOCOL_ICMPV6:
        return append_icmpv6(out, payload, ip, context);
    default:
        put(out, " ip-proto-{} {}", protocol, ip.length);
        return LineEnd::Whole;
    }
}

} // namespace tcptrace
