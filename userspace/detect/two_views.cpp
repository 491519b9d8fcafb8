// SPDX-License-Identifier: Apache-2.0
#include "detect/two_views.h"

#include "detect/path_order.h"
#include "detect/segment_copies.h"

#include <tcptrace/segment.h>

#include <algorithm>
#include <functional>

namespace tcptrace {

namespace {

constexpr std::size_t points_most = 16;

using Segments = std::vector<Sighting>;
using Which = std::function<bool(const Sighting &)>;

bool is_syn(const Sighting &segment)
{
    return (segment.flags & (TT_SYN | TT_ACK)) == TT_SYN;
}

bool is_synack(const Sighting &segment)
{
    return (segment.flags & (TT_SYN | TT_ACK)) == (TT_SYN | TT_ACK);
}

bool is_reset(const Sighting &segment)
{
    return (segment.flags & TT_RST) != 0;
}

bool is_data(const Sighting &segment)
{
    return (segment.flags & (TT_SYN | TT_RST)) == 0 &&
           (segment.length > 0 || (segment.flags & TT_FIN));
}

bool is_pure_ack(const Sighting &segment)
{
    return (segment.flags & (TT_SYN | TT_RST | TT_FIN)) == 0 && segment.length == 0;
}

Segments those(const Segments &all, bool from_initiator, const Which &which)
{
    Segments chosen;
    std::ranges::copy_if(all, std::back_inserter(chosen), [&](const Sighting &segment) {
        return segment.from_initiator == from_initiator && which(segment);
    });
    return chosen;
}

// One direction between two neighbours.
struct Hop {
    const PointView &before; // on the sender's side
    const PointView &after;
    bool to_responder = false;
    std::uint64_t travel_ns = 0; // at most, of packets that both hold
    // `before` heard nothing of the receiver beyond the time that `after` spans: so that may
    // have been running, and nothing came by. Not to be thought of two that share no packet:
    // those are pieces of one capture.
    bool silent_earlier = true;
    bool silent_later = true;

    [[nodiscard]] bool covers(const Sighting &segment) const
    {
        return !after.is_empty && segment.time_ns >= after.from_ns &&
               segment.time_ns + travel_ns <= after.until_ns;
    }
    [[nodiscard]] bool may_cover(const Sighting &segment) const
    {
        return segment.time_ns < after.from_ns ? silent_earlier : silent_later;
    }
};

Hop hop(const PointView &before, const PointView &after, bool to_responder,
        std::uint64_t travel_ns)
{
    const bool may_run = after.is_empty || !after.segments.empty();
    Hop made{before, after, to_responder, travel_ns, may_run, may_run};
    for (const Sighting &segment : before.segments) {
        if (segment.from_initiator == to_responder)
            continue;
        made.silent_earlier =
            made.silent_earlier && segment.time_ns + travel_ns >= after.from_ns && !after.is_empty;
        made.silent_later = made.silent_later && segment.time_ns <= after.until_ns + travel_ns;
    }
    return made;
}

// Nothing if they share no packet.
std::optional<std::uint64_t> longest_travel(const PointView &a, const PointView &b)
{
    constexpr std::ptrdiff_t overtaking = 64; // packets, at most
    std::optional<std::uint64_t> longest;
    auto there = b.segments.begin();

    for (const Sighting &here : a.segments) {
        const auto stop = there + std::min(overtaking, b.segments.end() - there);
        const auto same = std::find_if(
            there, stop, [&](const Sighting &other) { return here.is_same(other); });
        if (same == stop)
            continue;
        longest = std::max(longest.value_or(0), std::max(here.time_ns, same->time_ns) -
                                                    std::min(here.time_ns, same->time_ns));
        there = std::next(same);
    }
    return longest;
}

// The highest acknowledgment of the receiver in the time that `after` spans.
std::uint32_t acknowledged(const Hop &hop, std::uint32_t origin)
{
    std::uint32_t highest = origin;
    const auto see = [&](const Sighting &segment) {
        const bool is_receivers = segment.from_initiator != hop.to_responder;
        const auto beyond = static_cast<std::int32_t>(segment.acknowledgment - highest);
        if (is_receivers && (segment.flags & TT_ACK) && beyond > 0 &&
            segment.time_ns <= hop.after.until_ns)
            highest = segment.acknowledgment;
    };
    std::ranges::for_each(hop.before.segments, see);
    std::ranges::for_each(hop.after.segments, see);
    return highest;
}

using Count = std::function<MissingCopies(const Segments &before, const Segments &after)>;

// What of `which` packets is missing behind the hop; surely, else perhaps.
std::optional<Gap> missing(const Hop &hop, const Which &which, const Count &count,
                           bool &incomplete)
{
    const Segments before = those(hop.before.segments, hop.to_responder, which);
    const Segments after = those(hop.after.segments, hop.to_responder, which);
    Segments due;
    Segments perhaps_due;

    for (const Sighting &segment : before) {
        if (hop.covers(segment))
            due.push_back(segment);
        if (hop.covers(segment) || hop.may_cover(segment))
            perhaps_due.push_back(segment);
    }
    MissingCopies lost = count(due, after);
    const bool covered = lost.segments > 0;
    incomplete = incomplete || lost.uncaptured > 0;
    if (!covered)
        lost = count(perhaps_due, after);
    if (lost.segments == 0)
        return std::nullopt;
    const PointView &first = hop.to_responder ? hop.before : hop.after;
    const PointView &second = hop.to_responder ? hop.after : hop.before;
    return Gap{.between = {first.name, second.name},
               .to_responder = hop.to_responder,
               .packets = lost.segments,
               .bytes = lost.bytes,
               .covered = covered};
}

// Copies of a SYN are told apart by nothing that must survive a firewall: so by number.
MissingCopies fewer(const Segments &before, const Segments &after)
{
    const std::size_t lacks = before.size() - std::min(before.size(), after.size());
    return {.segments = static_cast<std::uint32_t>(lacks)};
}

MissingCopies fewer_packets(const Segments &before, const Segments &after)
{
    return {.segments = missing_packets(before, after)};
}

void keep_worse(std::optional<Gap> &worst, std::optional<Gap> gap)
{
    if (!gap)
        return;
    const auto weight = [](const Gap &each) { return std::pair(each.covered, each.packets); };
    if (!worst || weight(*gap) > weight(*worst))
        worst = std::move(gap);
}

void compare_hop(const Hop &hop, TwoViews &views)
{
    const Count copies = [&](const Segments &before, const Segments &after) {
        return before.empty() ? MissingCopies{}
                              : missing_copies(before, after,
                                               acknowledged(hop, before.front().sequence));
    };
    keep_worse(hop.to_responder ? views.syns : views.synacks,
               missing(hop, hop.to_responder ? is_syn : is_synack, fewer, views.incomplete));
    keep_worse(views.data[hop.to_responder], missing(hop, is_data, copies, views.incomplete));
    keep_worse(views.acks[hop.to_responder],
               missing(hop, is_pure_ack, fewer_packets, views.incomplete));
    // Seen by the receiver's side, and by the sender's not: no end sent it.
    const Hop back{hop.after, hop.before, hop.to_responder, hop.travel_ns};
    bool lacking = false;
    std::optional<Gap> made = missing(back, is_reset, fewer, lacking);
    if (made && made->covered) {
        std::swap(made->between[0], made->between[1]);
        keep_worse(views.made_reset, std::move(made));
    }
}

bool all_hold(const PathView &path, const Which &which)
{
    return std::ranges::all_of(path, [&](const PointView &point) {
        return std::ranges::any_of(point.segments, which);
    });
}

} // namespace

std::optional<TwoViews> compare_views(PathView view)
{
    TwoViews views;

    if (view.size() < 2 || view.size() > points_most)
        return std::nullopt;
    const PathView path = in_order_of_path(std::move(view));
    for (const PointView &point : path)
        views.points.push_back(point.name);
    for (std::size_t i = 0; i + 1 < path.size(); i++) {
        const auto travel = longest_travel(path[i], path[i + 1]);
        if (!travel && !path[i].segments.empty() && !path[i + 1].segments.empty())
            return std::nullopt;
        compare_hop(hop(path[i], path[i + 1], true, travel.value_or(0)), views);
        compare_hop(hop(path[i + 1], path[i], false, travel.value_or(0)), views);
    }
    views.reset_everywhere = all_hold(path, is_reset);
    views.syn_reached_the_last =
        all_hold(path, is_syn) && std::ranges::all_of(path, [](const PointView &point) {
            return std::ranges::all_of(point.segments, &Sighting::from_initiator);
        });
    return views;
}

} // namespace tcptrace
