// SPDX-License-Identifier: Apache-2.0
#include "filter/packet_filter.h"

#include "filter/carried.h"
#include "filter/stand_in_frame.h"

#include <algorithm>

namespace tcptrace {

Result<PacketFilter> PacketFilter::compile(const std::string &expression, const PacketKind &kind,
                                           Inner inner)
{
    const auto programs = compile_programs(expression, kind, inner);
    if (!programs)
        return std::unexpected(programs.error());
    const auto run_of = [](const std::optional<ClassicProgram> &program) {
        return program.transform([](const ClassicProgram &code) { return ClassicRun(code); });
    };
    PacketFilter filter(kind.link);
    filter.any_tunnel_ = programs->any_tunnel;
    filter.own_ = run_of(programs->own);
    filter.raw_ = run_of(programs->own_raw);
    filter.inside_ethernet_ = run_of(programs->inside_ethernet);
    filter.inside_raw_ = run_of(programs->inside_raw);
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
