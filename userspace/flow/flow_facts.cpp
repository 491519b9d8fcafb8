// SPDX-License-Identifier: Apache-2.0
// What a Flow answers when it is asked; how it learns is in flow.cpp.
#include "flow/flow.h"

#include <algorithm>

namespace tcptrace {

unsigned Flow::initiator() const
{
    if (initiator_known())
        return initiator_;
    return ends_[0].port >= ends_[1].port ? 0 : 1;
}

tt_flow_key Flow::key() const
{
    return {.address = {ends_[0].address.raw, ends_[1].address.raw},
            .port = {ends_[0].port, ends_[1].port},
            .ifindex = 0,
            .family = ends_[0].address.family,
            .side = 0,
            .zero = 0};
}

Connection Flow::connection() const
{
    const unsigned first = initiator();
    return {ends_[first], ends_[first ^ 1U]};
}

std::uint32_t Flow::count(std::uint32_t anomalies) const
{
    std::uint32_t most = 0;
    for (const Point &point : points_) {
        std::uint32_t sum = 0;
        for (std::size_t bit = 0; bit < anomaly_kinds; bit++)
            sum += (anomalies >> bit & 1U) ? point.counts[bit] : 0U;
        most = std::max(most, sum);
    }
    return most;
}

std::uint32_t Flow::syns() const
{
    std::uint32_t most = 0;
    for (const Point &point : points_)
        most = std::max<std::uint32_t>(most, point.state.syns);
    // The stack tells of copies only, not of the first SYN.
    return most ? most : count(TT_SYN_RETRANSMISSION) + (connect_failed() ? 1U : 0U);
}

std::uint32_t Flow::synacks() const
{
    std::uint32_t most = 0;
    for (const Point &point : points_)
        most = std::max<std::uint32_t>(most, point.state.synacks);
    return most;
}

bool Flow::answered() const
{
    return std::ranges::any_of(points_, [](const Point &point) {
        return point.state.marks & (TT_MARK_ANSWERED | TT_MARK_ICMP);
    });
}

bool Flow::established() const
{
    return std::ranges::any_of(points_, [](const Point &point) {
        const auto both = point.state.half[0].seen & point.state.half[1].seen;
        return (point.state.marks & TT_MARK_ESTABLISHED) || (both & TT_SEEN_DATA);
    });
}

bool Flow::one_way() const
{
    bool heard[2]{};
    bool marked = false;
    for (const Point &point : points_) {
        heard[0] = heard[0] || (point.state.half[0].seen & TT_SEEN_ANY);
        heard[1] = heard[1] || (point.state.half[1].seen & TT_SEEN_ANY);
        marked = marked || (point.state.marks & TT_MARK_ONE_WAY);
    }
    // Where another point saw the other direction, the view is whole.
    return marked && !(heard[0] && heard[1]);
}

std::uint32_t Flow::bytes_sent(unsigned end) const
{
    std::uint32_t most = 0;
    for (const Point &point : points_) {
        const tt_half &half = point.state.half[end];
        if ((half.seen & TT_SEEN_ORIGIN) && half.next_sequence)
            most = std::max(most, half.next_sequence - half.first_sequence);
    }
    return most;
}

std::uint32_t Flow::bytes_acked(unsigned end) const
{
    std::uint32_t most = 0;
    for (const Point &point : points_) {
        const tt_half &half = point.state.half[end];
        const tt_half &peer = point.state.half[end ^ 1U];
        if ((half.seen & TT_SEEN_ORIGIN) && peer.last_ack)
            most = std::max(most, peer.last_ack - half.first_sequence);
    }
    return most;
}

bool Flow::acknowledged(unsigned end, std::uint32_t sequence) const
{
    return std::ranges::any_of(points_, [&](const Point &point) {
        const tt_half &peer = point.state.half[end ^ 1U];
        return (peer.seen & TT_SEEN_ANY) && peer.last_ack && tt_after(peer.last_ack, sequence);
    });
}

std::optional<Hole> Flow::hole(unsigned end) const
{
    std::optional<Hole> longest;
    for (const Point &point : points_) {
        const Hole &hole = point.holes[end];
        if (hole.since_ns && hole.asked_ns > hole.since_ns &&
            (!longest || hole.asked_ns - hole.since_ns > longest->asked_ns - longest->since_ns))
            longest = hole;
    }
    return longest;
}

bool Flow::syn_went(tt_way way) const
{
    return std::ranges::any_of(points_, [way](const Point &p) { return p.syn_way == way; });
}

bool Flow::watched_both_ways() const
{
    return std::ranges::any_of(points_, [](const Point &point) {
        return point.shown_all && (point.state.half[0].seen & TT_SEEN_ANY) &&
               (point.state.half[1].seen & TT_SEEN_ANY);
    });
}

std::uint32_t Flow::data_segments() const
{
    std::uint32_t most = 0;
    for (const Point &point : points_)
        most = std::max(most, point.data_segments);
    return most;
}

std::uint64_t Flow::last_heard_ns(unsigned end) const
{
    std::uint64_t latest = 0;
    for (const Point &point : points_)
        latest = std::max<std::uint64_t>(latest, point.state.half[end].last_ns);
    return latest;
}

Flow::Closure Flow::closure(unsigned end, std::uint64_t now_ns) const
{
    Closure closure{.times = 0,
                    .total_ns = closed_total_ns_[end],
                    .longest_ns = closed_longest_ns_[end],
                    .still_closed = false};
    std::uint64_t since = 0;
    for (const Point &point : points_) {
        closure.times = std::max<std::uint32_t>(closure.times, point.state.half[end].closings);
        since = std::max<std::uint64_t>(since, point.state.half[end].closed_ns);
    }
    if (since && !closed_ && now_ns > since) {
        closure.still_closed = true;
        closure.total_ns += now_ns - since;
        closure.longest_ns = std::max(closure.longest_ns, now_ns - since);
    }
    return closure;
}

std::uint64_t Flow::told_ns(tt_witness witness, std::uint32_t anomalies) const
{
    std::uint64_t latest = 0;
    for (const Point &point : points_) {
        for (std::size_t bit = 0; bit < anomaly_kinds; bit++) {
            if (point.witness == witness && (anomalies >> bit & 1U))
                latest = std::max(latest, point.last_ns[bit]);
        }
    }
    return latest;
}

bool Flow::unremarkable() const
{
    return !remarkable_;
}

bool Flow::restless() const
{
    return std::ranges::any_of(points_, [](const Point &point) {
        return point.state.watch & (TT_WATCH_SYN | TT_WATCH_CLOSED_0 | TT_WATCH_CLOSED_1);
    });
}

} // namespace tcptrace
