// SPDX-License-Identifier: Apache-2.0
#include "render/packet_line.h"

#include "render/ip_line.h"
#include "render/link_length.h"
#include "render/tcp_line.h"
#include "render/text.h"

namespace tcptrace {

namespace {

std::string_view way_of(const PacketView &packet)
{
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

// "eth0  Out ": as tcpdump -i any writes what Linux cooked v2 tells.
void append_interface(std::string &out, const PacketView &packet)
{
    const std::string_view way = way_of(packet);
    if (!packet.interface.empty())
        put(out, "{:<5} ", packet.interface);
    else if (packet.ifindex != 0)
        put(out, "if{:<3} ", packet.ifindex);
    else
        out += "?     ";
    put(out, "{:<3} ", way);
}

// An error quotes a segment of its receiver's, so the ends' numbers change places.
SequenceOrigin origin_of(const PacketView &packet)
{
    if (packet.segment.kind == TT_KIND_ICMP_ERROR)
        return {packet.relative, packet.ack_origin, packet.sequence_origin};
    return {packet.relative, packet.sequence_origin, packet.ack_origin};
}

void append_known(std::string &out, const PacketView &packet, const LineOptions &options)
{
    const tt_segment &segment = packet.segment;
    const bool relative = packet.relative && !options.absolute_sequence;

    put(out, "{} {}.{} > {}.{}: Flags [", packet.source.address.family == TT_IPV6 ? "IP6" : "IP",
        to_string(packet.source.address), packet.source.port, to_string(packet.destination.address),
        packet.destination.port);
    append_tcp_flags(out, segment.flags);
    out += ']';
    if (options.verbosity > 1 || segment.length > 0 ||
        (segment.flags & (TT_SYN | TT_FIN | TT_RST))) {
        const std::uint32_t sequence = segment.sequence - (relative ? packet.sequence_origin : 0);
        put(out, ", seq {}", sequence);
        if (segment.length > 0)
            put(out, ":{}", sequence + segment.length);
    }
    put(out, ", length {}", segment.length);
}

} // namespace

void append_packet_line(std::string &out, const PacketView &packet, const LineOptions &options,
                        SequenceNumbers *printed)
{
    // Of a packet that is no TCP segment nobody has looked for the header yet.
    const std::uint32_t offset = packet.segment.network_offset != 0
                                     ? packet.segment.network_offset
                                     : static_cast<std::uint32_t>(link_length(packet));

    if (options.interface_columns)
        append_interface(out, packet);
    if (packet.bytes.empty()) {
        append_known(out, packet, options);
        return;
    }
    const std::uint32_t length = packet.wire_length > offset ? packet.wire_length - offset : 0;
    append_ip(out, Bytes(packet.bytes).from(offset), length,
              {.options = options, .origin = origin_of(packet), .printed = printed});
}

std::string packet_line(const PacketView &packet, const LineOptions &options)
{
    std::string line;
    append_packet_line(line, packet, options);
    return line;
}

} // namespace tcptrace
