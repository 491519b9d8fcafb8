// SPDX-License-Identifier: Apache-2.0
#include "render/link_line.h"

#include "render/cooked_line.h"
#include "render/ethernet_line.h"
#include "render/ip_line.h"
#include "render/link_protocol.h"
#include "render/text.h"

#include <tcptrace/parse.h>

namespace tcptrace {

namespace {

// BSD's address families; those of IPv6 differ from system to system.
std::string_view family_name(std::uint32_t family)
{
    switch (family) {
    case 2:
        return "IPv4";
    case 6:
        return "NS";
    case 7:
        return "ISO";
    case 16:
        return "Appletalk";
    case 23:
        return "IPX";
    case 24:
    case 28:
    case 30:
        return "IPv6";
    default:
        return {};
    }
}

void append_family(std::string &out, std::uint32_t family, std::uint32_t length, bool quick)
{
    const std::string_view name = family_name(family);

    if (!quick)
        put(out, "AF {} ({})", name.empty() ? "Unknown" : name, family);
    else if (name.empty())
        put(out, "Unknown AF {}", family);
    else
        out += name;
    put(out, ", length {}: ", length);
}

LineEnd append_loopback(std::string &out, const PacketView &packet, const LineContext &context)
{
    constexpr std::uint32_t header = 4;
    const Bytes frame(packet.bytes);
    const std::uint32_t network_order = frame.u32(0);
    // In the writer's own order or the network's; no family takes more than two bytes.
    const std::uint32_t swapped = __builtin_bswap32(network_order);
    const std::uint32_t family = (swapped & 0xffff0000) != 0 ? network_order : swapped;
    const std::uint32_t length = packet.wire_length > header ? packet.wire_length - header : 0;
    const bool shows_header = context.options.link_header;

    if (!frame.has(header))
        return cut_short(out, "null");
    if (shows_header)
        append_family(out, family, packet.wire_length, context.options.quick);
    if (family == 2)
        return append_ipv4(out, frame.from(header), length, context);
    if (family_name(family) == "IPv6")
        return append_ipv6(out, frame.from(header), length, context);
    if (!shows_header)
        append_family(out, family, packet.wire_length, context.options.quick);
    append_unknown_payload(out, frame.from(header), context.options);
    return LineEnd::Whole;
}

} // namespace

LineEnd append_link(std::string &out, const PacketView &packet, const LineContext &context)
{
    if (packet.link == TT_LINK_SLL2)
        return append_cooked_v2(out, packet, context);
    if (context.options.interface_columns)
        return append_as_cooked(out, packet, context);
    switch (packet.link) {
    case TT_LINK_SLL:
        return append_cooked(out, packet, context);
    case TT_LINK_LOOPBACK:
        return append_loopback(out, packet, context);
    case TT_LINK_RAW:
        if (context.options.link_header)
            out += "ip: ";
        return append_ip(out, Bytes(packet.bytes), packet.wire_length, context);
    default:
        return append_ethernet(out, Bytes(packet.bytes), packet.wire_length, context);
    }
}

} // namespace tcptrace
