// SPDX-License-Identifier: Apache-2.0
#include "flow/flow.h"

#include <tcptrace/settings.h>

#include <algorithm>
#include <bit>

namespace tcptrace {

namespace {

constexpr std::size_t points_max = 8;
constexpr std::size_t evidence_max = 8;
constexpr std::size_t earlier_max = 4;
constexpr std::size_t syn_times_max = 8;

void saturate(std::uint16_t &counter)
{
    if (counter != 0xffff)
        counter++;
}

bool is_syn(const tt_segment &segment)
{
    return segment.kind == TT_KIND_TCP && (segment.flags & (TT_SYN | TT_ACK)) == TT_SYN;
}

// The stack does not see the peer's window close: what it repeats into a full one is no
// loss that it could know of. Nor is a probe.
std::uint32_t losses_told(const tt_record &record)
{
    const std::uint32_t anomalies = record.finding.anomalies;
    const bool no_loss =
        record.witness == TT_WITNESS_STACK && ((anomalies & TT_WINDOW_FULL) || record.stack.probe);
    return no_loss ? anomalies & ~std::uint32_t{TT_RETRANSMISSION} : anomalies;
}

bool is_wire(const Point &point)
{
    return point.witness == TT_WITNESS_WIRE;
}

} // namespace

Flow::Flow(const Observation &first)
    : first_ns_(first.record.time_ns), last_ns_(first.record.time_ns)
{
    const unsigned sender = first.record.sender & 1U;
    ends_[sender] = first.source();
    ends_[sender ^ 1U] = first.destination();
}

bool Flow::is_another(const Observation &observation) const
{
    const tt_record &record = observation.record;
    if (record.witness != TT_WITNESS_WIRE || !is_syn(record.segment) || !syn_seen_)
        return false;
    return (record.sender & 1U) != initiator_ || record.segment.sequence != syn_sequence_;
}

void Flow::update(const Observation &observation)
{
    const tt_record &record = observation.record;
    last_ns_ = std::max(last_ns_, record.time_ns);
    stack_tells_resets_ = observation.stack_tells_resets;
    Point &point = point_of(observation);

    if (record.witness == TT_WITNESS_WIRE) {
        note_hole(record, point);
        point.state = record.state;
        point.shown_all = record.depth == TT_DEPTH_SEQUENCE;
    }
    point.data_segments = std::max(point.data_segments, record.stack.data_segments);
    for_each_anomaly(losses_told(record), [&](tt_anomaly anomaly) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(std::uint32_t{anomaly}));
        if (bit < anomaly_kinds)
            saturate(point.counts[bit]);
    });
    for_each_anomaly(record.finding.anomalies, [&](tt_anomaly anomaly) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(std::uint32_t{anomaly}));
        if (bit < anomaly_kinds)
            point.last_ns[bit] = record.time_ns;
    });
    just_begun_ = !begun_ && (record.finding.signs & TT_SIGN_CONNECTION);
    begun_ = begun_ || just_begun_;
    note_syn(observation, point);
    note_netns(record);
    note_ttl(observation, point);
    note_probe(observation);
    if (record.finding.anomalies & TT_RESET)
        note_reset(observation, point);
    if (record.finding.anomalies & TT_ICMP_ERROR)
        note_icmp(observation);
    if (record.finding.anomalies & TT_DROP)
        note_drop(observation);
    note_unsent(record);
    note_repetition(observation);
    note_sent_again(record);
    note_dsack(record);
    note_window(observation);
    if (record.hook == TT_HOOK_SET_STATE)
        connects_failed_++;
    closed_ = closed_ || (record.witness == TT_WITNESS_WIRE && record.state.closed);
    remarkable_ = remarkable_ || (record.finding.anomalies & ~std::uint32_t{TT_HARMLESS}) != 0 ||
                  connect_failed() || (record.finding.signs & TT_SIGN_ONE_WAY);
    keep_evidence(observation);
}

Point &Flow::point_of(const Observation &observation)
{
    const tt_record &record = observation.record;
    const auto witness = static_cast<tt_witness>(record.witness);
    const auto same = [&](const Point &point) {
        return point.witness == witness && point.ifindex == record.key.ifindex &&
               point.side == record.key.side;
    };

    if (const auto found = std::ranges::find_if(points_, same); found != points_.end())
        return *found;
    if (points_.size() == points_max)
        return points_.back();
    Point &point = points_.emplace_back();
    point.ifindex = record.key.ifindex;
    point.side = record.key.side;
    point.witness = witness;
    point.interface = observation.interface;
    return point;
}

void Flow::note_syn(const Observation &observation, Point &point)
{
    const tt_record &record = observation.record;

    if (record.state.initiator != TT_INITIATOR_UNKNOWN)
        initiator_ = record.state.initiator;
    else if (initiator_ == TT_INITIATOR_UNKNOWN && is_syn(record.segment))
        initiator_ = record.sender & 1U;
    const bool from_wire = record.witness == TT_WITNESS_WIRE;
    const std::uint64_t began = from_wire && record.state.first_syn_ns ? record.state.first_syn_ns
                                : is_syn(record.segment)               ? record.time_ns
                                                                       : 0;
    // The state knows of the first SYN even where only its answer is told.
    if (began && (first_syn_ns_ == 0 || began < first_syn_ns_))
        first_syn_ns_ = began;
    if (!is_syn(record.segment))
        return;
    if (from_wire && record.hook != TT_HOOK_SWEEP)
        point.syn_way = static_cast<tt_way>(record.way);
    if (from_wire) {
        syn_sequence_ = record.segment.sequence;
        syn_seen_ = true;
    }
    if (record.hook == TT_HOOK_SWEEP)
        return;
    if (syn_times_.empty())
        syn_file_ = observation.file;
    else if (syn_file_ != observation.file)
        return;
    if (syn_times_.empty() && began != record.time_ns)
        syn_times_.push_back(began);
    if (syn_times_.size() < syn_times_max &&
        (syn_times_.empty() || record.time_ns > syn_times_.back() + same_packet_ns))
        syn_times_.push_back(record.time_ns);
}

// A socket speaks of its own namespace: the sender's, of what it sends.
void Flow::note_netns(const tt_record &record)
{
    if (record.witness != TT_WITNESS_STACK || record.netns == 0 || record.hook == TT_HOOK_DROP ||
        record.way == TT_WAY_UNKNOWN)
        return;
    netns_[(record.sender & 1U) ^ (record.way == TT_IN ? 1U : 0U)] = record.netns;
}

void Flow::note_icmp(const Observation &observation)
{
    const tt_record &record = observation.record;
    tt_headers headers{};
    tt_endpoints outer{};

    if (icmp_)
        return;
    icmp_ = IcmpSeen{.from = {},
                     .family = record.segment.family,
                     .type = record.segment.icmp_type,
                     .code = record.segment.icmp_code,
                     .mtu = record.segment.mtu,
                     .time_ns = record.time_ns};
    const auto &frame = observation.frame;
    if (tt_find_headers(frame.data(), frame.data() + frame.size(), record.wire_length, record.link,
                        &headers) != TT_PARSED)
        return;
    tt_read_addresses(&outer, headers.network, headers.family);
    icmp_->from = {outer.source, headers.family};
}

void Flow::note_repetition(const Observation &observation)
{
    const tt_record &record = observation.record;
    constexpr std::uint32_t again = TT_RETRANSMISSION | TT_FAST_RETRANSMISSION;

    if (!(losses_told(record) & again))
        return;
    const std::uint8_t sender = record.sender & 1U;
    if (current_.times && current_.sender == sender &&
        current_.sequence == record.segment.sequence) {
        if (current_.file != observation.file)
            return;
        // A second point or witness tells of the same copy at once.
        if (record.time_ns > last_repetition_ns_ + same_packet_ns)
            current_.times++;
        current_.shrank = current_.shrank || record.segment.length < current_.length;
    } else {
        current_ = {.sequence = record.segment.sequence,
                    .length = record.segment.length,
                    .times = 1,
                    .first_ns =
                        record.time_ns - std::min(record.finding.elapsed_ns, record.time_ns),
                    .sender = sender,
                    .file = observation.file,
                    .on_wire = false,
                    .shrank = false};
    }
    current_.on_wire = current_.on_wire || record.witness == TT_WITNESS_WIRE;
    last_repetition_ns_ = record.time_ns;
    if (current_.times >= longest_.times)
        longest_ = current_;
}

// Opened by a segment beyond what was seen; closed by the other end's acknowledgment alone, for
// what fills it may come in another order than what is told. point.state is of before.
void Flow::note_hole(const tt_record &record, Point &point)
{
    const unsigned sender = record.sender & 1U;
    Hole &own = point.holes[sender];
    Hole &other = point.holes[sender ^ 1U];
    const tt_half &before = point.state.half[sender];
    const tt_half &waiting = point.state.half[sender ^ 1U];
    const tt_segment &segment = record.segment;

    if (record.hook == TT_HOOK_SWEEP || segment.kind != TT_KIND_TCP)
        return;
    if ((record.finding.anomalies & TT_LOST_SEGMENT) && own.since_ns == 0) {
        own = {record.state.half[sender].contiguous, record.time_ns, 0};
        // An ACK tells of data sent before it: all the time this end was silent, its data
        // did not come, while the other end still asked for it.
        if (segment.length == 0 && before.last_ns && waiting.last_ack == own.sequence &&
            waiting.last_ns > before.last_ns)
            own = {own.sequence, before.last_ns, waiting.last_ns};
    }
    if (other.since_ns == 0 || !(segment.flags & TT_ACK))
        return;
    if (tt_after(segment.acknowledgment, other.sequence))
        other = {};
    else
        other.asked_ns = record.time_ns;
}

void Flow::note_window(const Observation &observation)
{
    const tt_record &record = observation.record;
    if (!(record.finding.signs & TT_SIGN_WINDOW_OPENED))
        return;
    const unsigned end = record.sender & 1U;
    // Two points tell of one closure: the later telling adds nothing.
    const bool told = window_opened_ns_[end] != 0;
    if (told && (record.time_ns < window_opened_ns_[end] + same_packet_ns ||
                 observation.file != window_file_[end]))
        return;
    window_file_[end] = observation.file;
    window_opened_ns_[end] = record.time_ns;
    closed_total_ns_[end] += record.finding.elapsed_ns;
    closed_longest_ns_[end] = std::max(closed_longest_ns_[end], record.finding.elapsed_ns);
}

// The opening of the connection stays; of the rest, the latest.
void Flow::remember(const Observation &earlier)
{
    const auto is_ordinary = [](const StoredPacket &packet) {
        return !(packet.view().segment.flags & TT_SYN);
    };
    const auto at_its_time = [&](const StoredPacket &packet) {
        return packet.view().time_ns == earlier.record.time_ns;
    };

    if (std::ranges::any_of(evidence_, at_its_time))
        return;
    if (earlier_.size() == earlier_max) {
        auto leaving = std::ranges::find_if(earlier_, is_ordinary);
        earlier_.erase(leaving == earlier_.end() ? earlier_.begin() : leaving);
    }
    earlier_.emplace_back(earlier.packet());
}

std::vector<StoredPacket> Flow::evidence() const
{
    std::vector<StoredPacket> all = earlier_;
    all.insert(all.end(), evidence_.begin(), evidence_.end());
    std::ranges::stable_sort(all, {},
                             [](const StoredPacket &packet) { return packet.view().time_ns; });
    return all;
}

void Flow::keep_evidence(const Observation &observation)
{
    const tt_record &record = observation.record;
    constexpr std::uint32_t telling = ~static_cast<std::uint32_t>(TT_WINDOW_UPDATE);
    const bool opens = record.segment.flags & TT_SYN;

    if (evidence_.size() >= evidence_max || record.hook == TT_HOOK_SET_STATE ||
        record.hook == TT_HOOK_SWEEP || record.stack.error != 0)
        return;
    // The stack names no packet; where an interface shows the connection, that one does.
    if (record.witness == TT_WITNESS_STACK && std::ranges::any_of(points_, is_wire))
        return;
    if (opens || (record.finding.anomalies & telling) ||
        (record.finding.signs & TT_SIGN_WINDOW_OPENED))
        evidence_.emplace_back(observation.packet());
}

} // namespace tcptrace
