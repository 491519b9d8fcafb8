// SPDX-License-Identifier: Apache-2.0
#include "render/cooked_line.h"

#include "render/ethernet_line.h"
#include "render/link_names.h"
#include "render/link_protocol.h"
#include "render/llc_line.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

namespace tcptrace {

namespace {

constexpr std::uint32_t header_v1 = 16;
constexpr std::uint32_t header_v2 = 20;
constexpr std::size_t mac_bytes = 6;
// Linux's own numbers, where no ethertype is (<linux/if_ether.h>).
constexpr std::uint16_t novell_802_3 = 0x0001;
constexpr std::uint16_t llc_802_2 = 0x0004;

struct Cooked {
    Bytes sender; // its hardware address
    std::uint16_t ethertype = 0;
    std::uint32_t header = 0; // bytes
    Bytes payload;
    std::uint32_t length = 0; // of the payload on the wire
};

std::string_view packet_type_name(unsigned type) // LINUX_SLL_HOST and so on
{
    switch (type) {
    case 0:
        return "In";
    case 1:
        return "B";
    case 2:
        return "M";
    case 3:
        return "P";
    case 4:
        return "Out";
    default:
        return "?";
    }
}

std::string_view direction(const PacketView &packet)
{
    if (packet.link == TT_LINK_SLL2 && packet.bytes.size() >= header_v2)
        return packet_type_name(packet.bytes[10]);
    if (packet.way != TT_IN)
        return packet.way == TT_OUT ? "Out" : "?";
    switch (packet.cast) {
    case TT_CAST_BROADCAST:
        return "B";
    case TT_CAST_MULTICAST:
        return "M";
    case TT_CAST_OTHER:
        return "P";
    default:
        return "In";
    }
}

void append_header(std::string &out, const Cooked &cooked, std::uint32_t length,
                   const LineOptions &options)
{
    if (cooked.sender.size() == mac_bytes) {
        append_station(out, cooked.sender, options.names);
        out += ' ';
    }
    if (options.quick)
        return;
    if (cooked.ethertype == novell_802_3)
        out += "802.3";
    else if (cooked.ethertype == llc_802_2)
        out += "802.2";
    else if (cooked.ethertype <= frame_length_max)
        put(out, "ethertype Unknown (0x{:04x})", cooked.ethertype);
    else
        append_ethertype(out, cooked.ethertype, false);
    put(out, ", length {}: ", length);
}

// `append_front` prints the header: at once with -e, else before what is not decoded.
template <typename AppendFront>
LineEnd append_payload(std::string &out, const Cooked &cooked, AppendFront append_front,
                       const LineContext &context)
{
    constexpr std::uint32_t tag_bytes = 4;
    const LineOptions &options = context.options;
    std::uint16_t ethertype = cooked.ethertype;
    std::uint32_t at = 0;

    if (options.link_header)
        append_front(cooked.header + cooked.length);
    for (; ethertype == TT_ETHERTYPE_VLAN; at += tag_bytes) {
        if (cooked.length < at + tag_bytes || !cooked.payload.has(at + tag_bytes))
            return cut_short(out, "vlan");
        if (options.link_header)
            append_vlan_tag(out, cooked.payload.u16(at));
        ethertype = cooked.payload.u16(at + 2);
        if (ethertype <= frame_length_max)
            ethertype = llc_802_2;
        if (!options.quick)
            put(out, "ethertype {}, ", or_unknown(ethertype_name(ethertype)));
    }
    const Bytes payload = cooked.payload.from(at);
    const std::uint32_t length = cooked.length - at;
    if (ethertype == llc_802_2)
        return append_llc(out, payload, length, {}, context);
    if (ethertype > frame_length_max) {
        const auto end = append_link_protocol(out, ethertype, payload, length, context);
        if (end)
            return *end;
        if (!options.link_header)
            append_front(cooked.header + length);
    }
    append_unknown_payload(out, payload, options);
    return LineEnd::Whole;
}

LineEnd append_v2(std::string &out, const PacketView &packet, const Cooked &cooked,
                  std::uint32_t ifindex, const LineContext &context)
{
    append_interface(out, packet);
    const auto front = [&](std::uint32_t length) {
        put(out, "ifindex {} ", ifindex);
        append_header(out, cooked, length, context.options);
    };
    return append_payload(out, cooked, front, context);
}

std::uint32_t behind(const PacketView &packet, std::uint32_t header)
{
    return packet.wire_length > header ? packet.wire_length - header : 0;
}

} // namespace

void append_interface(std::string &out, const PacketView &packet)
{
    if (!packet.interface.empty())
        put(out, "{:<5} ", packet.interface);
    else if (packet.ifindex != 0)
        put(out, "if{:<3} ", packet.ifindex);
    else
        out += "?     ";
    put(out, "{:<3} ", direction(packet));
}

LineEnd append_cooked(std::string &out, const PacketView &packet, const LineContext &context)
{
    const Bytes frame(packet.bytes);
    const Cooked cooked{.sender = frame.from(6).first(frame.u16(4)).first(8),
                        .ethertype = frame.u16(14),
                        .header = header_v1,
                        .payload = frame.from(header_v1),
                        .length = behind(packet, header_v1)};

    if (!frame.has(header_v1))
        return cut_short(out, "sll");
    const auto front = [&](std::uint32_t length) {
        put(out, "{:>3} ", packet_type_name(frame.u16(0)));
        append_header(out, cooked, length, context.options);
    };
    return append_payload(out, cooked, front, context);
}

LineEnd append_cooked_v2(std::string &out, const PacketView &packet, const LineContext &context)
{
    const Bytes frame(packet.bytes);
    const Cooked cooked{.sender = frame.from(12).first(frame.u8(11)).first(8),
                        .ethertype = frame.u16(0),
                        .header = header_v2,
                        .payload = frame.from(header_v2),
                        .length = behind(packet, header_v2)};

    if (!frame.has(header_v2))
        return cut_short(out, "sll2");
    return append_v2(out, packet, cooked, frame.u32(4), context);
}

LineEnd append_as_cooked(std::string &out, const PacketView &packet, const LineContext &context)
{
    const Bytes frame(packet.bytes);
    std::uint16_t ethertype = 0;
    const std::uint32_t header = tt_link_header(
        packet.bytes.data(), packet.bytes.data() + packet.bytes.size(), packet.link, &ethertype);
    const bool ethernet = packet.link == TT_LINK_ETHERNET;
    const Cooked cooked{.sender = ethernet ? frame.from(6).first(mac_bytes) : Bytes{},
                        .ethertype = ethertype > frame_length_max ? ethertype : llc_802_2,
                        .header = header_v2,
                        .payload = frame.from(header),
                        .length = behind(packet, header)};

    if (ethernet && header == 0) {
        append_interface(out, packet);
        return cut_short(out, "ether");
    }
    return append_v2(out, packet, cooked, packet.ifindex, context);
}

} // namespace tcptrace
