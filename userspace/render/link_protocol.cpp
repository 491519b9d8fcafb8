// SPDX-License-Identifier: Apache-2.0
#include "render/link_protocol.h"

#include "render/arp_line.h"
#include "render/dump.h"
#include "render/ip_line.h"

#include <tcptrace/parse.h>

namespace tcptrace {

std::optional<LineEnd> append_link_protocol(std::string &out, std::uint16_t ethertype,
                                            Bytes payload, std::uint32_t length,
                                            const LineContext &context)
{
    constexpr std::uint16_t arp = 0x0806;
    constexpr std::uint16_t reverse_arp = 0x8035; // RFC 903

    switch (ethertype) {
    case TT_ETHERTYPE_IPV4:
        return append_ipv4(out, payload, length, context);
    case TT_ETHERTYPE_IPV6:
        return append_ipv6(out, payload, length, context);
    case arp:
    case reverse_arp:
        return append_arp(out, payload, length, context.options);
    default:
        return std::nullopt;
    }
}

void append_unknown_payload(std::string &out, Bytes payload, const LineOptions &options)
{
    if (!options.quick && options.dump == Dump::None)
        append_hex_ascii(out, payload);
}

} // namespace tcptrace
