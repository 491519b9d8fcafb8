// SPDX-License-Identifier: Apache-2.0
#include "render/packet_line.h"

#include "render/cooked_line.h"
#include "render/ip_line.h"
#include "render/link_line.h"
#include "render/names.h"
#include "render/tcp_line.h"
#include "render/text.h"

namespace tcptrace {

namespace {

constexpr std::size_t ipv4_mapped_at = 12; // in an IPv6 address

// An error quotes a segment of its receiver's, so the ends' numbers change places.
SequenceOrigin origin_of(const PacketView &packet)
{
    if (packet.segment.kind == TT_KIND_ICMP_ERROR)
        return {packet.relative, packet.ack_origin, packet.sequence_origin};
    return {packet.relative, packet.sequence_origin, packet.ack_origin};
}

std::string end_text(const Endpoint &end, const Names *names)
{
    const Bytes address(end.address.raw.bytes);
    const bool v4 = end.address.family == TT_IPV4;

    return fmt::format("{}.{}", host_text(v4 ? address.from(ipv4_mapped_at) : address, names),
                       port_text(end.port, TT_PROTOCOL_TCP, names));
}

void append_known(std::string &out, const PacketView &packet, const LineOptions &options)
{
    const tt_segment &segment = packet.segment;
    const bool relative = packet.relative && !options.absolute_sequence;

    put(out, "{} {} > {}: Flags [", packet.source.address.family == TT_IPV6 ? "IP6" : "IP",
        end_text(packet.source, options.names), end_text(packet.destination, options.names));
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

void append_packet_line(std::string &out, const PacketView &packet, const LineOptions &options)
{
    const std::uint32_t offset = packet.segment.network_offset;
    LineOptions inner = options;

    if (options.interface_columns)
        append_interface(out, packet);
    if (packet.bytes.empty()) {
        append_known(out, packet, options);
        return;
    }
    inner.link_header = false; // the line begins behind it
    const std::uint32_t length = packet.wire_length > offset ? packet.wire_length - offset : 0;
    append_ip(out, Bytes(packet.bytes).from(offset), length,
              {.options = inner, .origin = origin_of(packet)});
}

std::string packet_line(const PacketView &packet, const LineOptions &options)
{
    std::string line;
    append_packet_line(line, packet, options);
    return line;
}

std::string whole_packet_line(const PacketView &packet, const LineOptions &options)
{
    std::string line;
    append_link(line, packet, {.options = options, .origin = origin_of(packet)});
    return line;
}

} // namespace tcptrace
