// SPDX-License-Identifier: Apache-2.0
#include "filter/packet_filter.h"

#include "filter/carried.h"
#include "filter/stand_in_frame.h"
#include "filter/vxlan_expression.h"

#include <pcap/dlt.h>

#include <algorithm>

namespace tcptrace {

Result<PacketFilter> PacketFilter::compile(const std::string &expression, const PacketKind &kind,
                                           Inner inner)
{
    PacketFilter filter(kind.link);
    const auto parts = split_at_vxlan(expression);
    if (!parts)
        return std::unexpected(parts.error());
    filter.any_tunnel_ = inner == Inner::Yes;
    if (filter.any_tunnel_ && !parts->inner.empty())
        return fail(Status::Usage, "--inner and \"vxlan and ...\" both name the packet inside",
                    "leave one of them out");

    if (!filter.any_tunnel_) {
        const auto own = compile_expression(parts->outer, kind);
        if (!own)
            return std::unexpected(own.error());
        filter.own_.emplace(*own);
        if (!kind.from_file)
            filter.raw_.emplace(compile_or_match_nothing(parts->outer, DLT_RAW));
    }
    const std::string &inside = filter.any_tunnel_ ? parts->outer : parts->inner;
    if (filter.any_tunnel_ || !inside.empty()) {
        PacketKind carried = kind;
        carried.data_link = DLT_EN10MB;
        const auto ethernet = compile_expression(inside, carried);
        if (!ethernet)
            return std::unexpected(ethernet.error());
        filter.inside_ethernet_.emplace(*ethernet);
        filter.inside_raw_.emplace(compile_or_match_nothing(inside, DLT_RAW));
    }
    return filter;
}

bool PacketFilter::matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                           const SeenAt &where) const
{
    return matches(frame, wire_length, link_, where);
}

bool PacketFilter::matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                           tt_link link, const SeenAt &where) const
{
    const std::optional<ClassicRun> &own = raw_ && link == TT_LINK_RAW ? raw_ : own_;
    return (!own || own->matches(frame, wire_length, where)) &&
           (!inside_ethernet_ || matches_inside(frame, wire_length, link, where));
}

bool PacketFilter::matches_inside(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                                  tt_link link, const SeenAt &where) const
{
    const auto asked = [&](const CarriedPacket &each) {
        const ClassicRun &program = each.ethernet ? *inside_ethernet_ : *inside_raw_;
        return program.matches(each.bytes, each.wire_length, where);
    };
    if (any_tunnel_) {
        const CarriedPackets carried(frame, wire_length, link);
        return std::ranges::any_of(carried.all(), asked);
    }
    const CarriedPacket packet = carried_by_vxlan(frame, wire_length, link);
    return !packet.bytes.empty() && asked(packet);
}

// What is known without a frame is known of a bare packet, so --inner is asked of it as such.
bool PacketFilter::matches_stand_in(const tt_segment &segment, const Endpoint &source,
                                    const Endpoint &destination, const SeenAt &where) const
{
    const StandInFrame stand_in = stand_in_frame(segment, source, destination);
    if (any_tunnel_)
        return inside_ethernet_->matches(stand_in.bytes(), stand_in.wire_length, where);
    return matches(stand_in.bytes(), stand_in.wire_length, TT_LINK_ETHERNET, where);
}

bool PacketFilter::matches_frame(const Observation &packet) const
{
    const tt_record &record = packet.record;
    return matches(packet.frame, record.wire_length, static_cast<tt_link>(record.link),
                   {static_cast<tt_way>(record.way), record.key.ifindex});
}

bool PacketFilter::matches(const Observation &observation) const
{
    const tt_record &record = observation.record;
    const tt_segment &segment = record.segment;
    const auto link = static_cast<tt_link>(record.link);
    const SeenAt where{static_cast<tt_way>(record.way), record.key.ifindex};
    const bool has_frame =
        !observation.frame.empty() && (link == TT_LINK_ETHERNET || link == TT_LINK_RAW);
    const Endpoint source = observation.source();
    const Endpoint destination = observation.destination();

    if (has_frame && matches_frame(observation))
        return true;
    // An ICMP error is evidence about the connection it quotes: "tcp port 80" means it too.
    if (segment.kind == TT_KIND_ICMP_ERROR)
        return matches_stand_in(segment, source, destination, where) ||
               matches_stand_in(segment, destination, source, where);
    return !has_frame && matches_stand_in(segment, source, destination, where);
}

} // namespace tcptrace
