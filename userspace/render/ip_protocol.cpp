// SPDX-License-Identifier: Apache-2.0
#include "render/ip_protocol.h"

#include "render/ip_line.h"
#include "render/tcp_line.h"
#include "render/text.h"

#include <tcptrace/parse.h>

namespace tcptrace {

bool prints_own_ends(std::uint8_t protocol)
{
    return protocol == TT_PROTOCOL_TCP;
}

LineEnd append_ip_protocol(std::string &out, std::uint8_t protocol, Bytes payload,
                           const IpContext &ip, const LineContext &context)
{
    switch (protocol) {
    case TT_PROTOCOL_TCP:
        return append_tcp(out, payload, ip, context);
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
