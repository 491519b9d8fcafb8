// SPDX-License-Identifier: Apache-2.0
#include "detect/two_views.h"

#include "detect/path_order.h"
#include "detect/segment_copies.h"

#include <tcptrace/segment.h>

#include <algorithm>
#include <functional>
#include <set>

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
    // Of a packet that came to `after`: was `before` being taken when it passed?
    [[nodiscard]] bool had_covered(const Sighting &segment) const
    {
        return !before.is_empty && segment.time_ns >= before.from_ns + travel_ns &&
               segment.time_ns <= before.until_ns + travel_ns;
    }
    [[nodiscard]] bool may_cover(const Sighting &segment) const
    {
        return segment.time_ns < after.from_ns ? silent_earlier : silent_later;
    }
};

Hop hop(const PointView &before, const PointView &after, bool to_responder, std::uint64_t travel_ns)
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
        const auto same =
            std::find_if(there, stop, [&](const Sighting &other) { return here.is_same(other); });
        if (same == stop)
            continue;
        there = std::next(same);
        const std::uint64_t travel =
            std::max(here.time_ns, same->time_ns) - std::min(here.time_ns, same->time_ns);
        // Two equal acknowledgments may be told apart by nothing.
        longest = std::max(longest.value_or(0), is_pure_ack(here) ? 0 : travel);
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
        // A reset between the two may acknowledge what it kept from the receiver.
        if (is_receivers && (segment.flags & TT_ACK) && !is_reset(segment) && beyond > 0 &&
            segment.time_ns <= hop.after.until_ns)
            highest = segment.acknowledgment;
    };
    std::ranges::for_each(hop.before.segments, see);
    std::ranges::for_each(hop.after.segments, see);
    return highest;
}

using Count = std::function<MissingCopies(const Segments &before, const Segments &after)>;

// Copies of a SYN are told apart by nothing that must survive a firewall: so by number.
MissingCopies fewer(const Segments &before, const Segments &after)
{
    MissingCopies missing;
    missing.segments =
        static_cast<std::uint32_t>(before.size() - std::min(before.size(), after.size()));
    missing.absent = after.empty() ? missing.segments : 0U;
    return missing;
}

MissingCopies packets(const Segments &before, const Segments &after)
{
    return missing_packets(before, after);
}

Count copies(const Hop &hop)
{
    return [&hop](const Segments &before, const Segments &after) {
        return before.empty()
                   ? MissingCopies{}
                   : missing_copies(before, after, acknowledged(hop, before.front().sequence));
    };
}

// What of `which` packets is missing behind the hop; surely, else perhaps. Perhaps only where
// that holds none of them at all: one more or less at its end explains nothing.
std::optional<Gap> missing(const Hop &hop, const Which &which, const Count &count)
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
    if (!covered)
        lost = count(perhaps_due, after);
    if (!covered && lost.absent == 0)
        return std::nullopt;
    const PointView &first = hop.to_responder ? hop.before : hop.after;
    const PointView &second = hop.to_responder ? hop.after : hop.before;
    return Gap{.between = {first.name, second.name},
               .to_responder = hop.to_responder,
               .packets = covered ? lost.segments : lost.absent,
               .bytes = lost.bytes,
               .covered = covered};
}

// Does `after` lack what passed it?
bool is_incomplete(const Hop &hop)
{
    Segments due = those(hop.before.segments, hop.to_responder, is_data);
    std::erase_if(due, [&](const Sighting &each) { return !hop.covers(each); });
    return copies(hop)(due, those(hop.after.segments, hop.to_responder, is_data)).uncaptured > 0;
}

// What came to `after` of these packets although `before`, being taken, never held it.
std::uint32_t came_from_nowhere(const Hop &hop, const Which &which, const Count &count)
{
    Segments arrived = those(hop.after.segments, hop.to_responder, which);

    std::erase_if(arrived, [&](const Sighting &each) { return !hop.had_covered(each); });
    return count(arrived, those(hop.before.segments, hop.to_responder, which)).absent;
}

// Does `before` lack what came to `after`? No data and no acknowledgment is made between.
bool lacks_what_arrived(const Hop &hop)
{
    const Count unanswered = [](const Segments &before, const Segments &after) {
        return before.empty() ? MissingCopies{}
                              : missing_copies(before, after, before.front().sequence);
    };
    return came_from_nowhere(hop, is_data, unanswered) > 0 ||
           came_from_nowhere(hop, is_pure_ack, packets) > 0;
}

void keep_worse(std::optional<Gap> &worst, std::optional<Gap> gap)
{
    if (!gap)
        return;
    const auto weight = [](const Gap &each) { return std::pair(each.covered, each.packets); };
    if (!worst || weight(*gap) > weight(*worst))
        worst = std::move(gap);
}

// Resets that came to the receiver's side of the hop, but never passed the sender's.
std::optional<Gap> made_resets(const Hop &hop)
{
    const std::uint32_t made = came_from_nowhere(hop, is_reset, fewer);
    const bool forward = hop.to_responder;

    if (made == 0)
        return std::nullopt;
    return Gap{.between = {forward ? hop.before.name : hop.after.name,
                           forward ? hop.after.name : hop.before.name},
               .to_responder = forward,
               .packets = made};
}

void compare_hop(const Hop &hop, const std::set<const PointView *> &incomplete, TwoViews &views)
{
    if (!incomplete.contains(&hop.before))
        keep_worse(views.made_reset, made_resets(hop));
    if (incomplete.contains(&hop.after))
        return;
    keep_worse(hop.to_responder ? views.syns : views.synacks,
               missing(hop, hop.to_responder ? is_syn : is_synack, fewer));
    keep_worse(views.data[hop.to_responder], missing(hop, is_data, copies(hop)));
    keep_worse(views.acks[hop.to_responder], missing(hop, is_pure_ack, packets));
}

// Both directions between all neighbours; none if two of these share no packet.
std::vector<Hop> hops_of(const PathView &path)
{
    std::vector<Hop> hops;
    for (std::size_t i = 0; i + 1 < path.size(); i++) {
        const auto travel = longest_travel(path[i], path[i + 1]);
        if (!travel && !path[i].segments.empty() && !path[i + 1].segments.empty())
            return {};
        hops.push_back(hop(path[i], path[i + 1], true, travel.value_or(0)));
        hops.push_back(hop(path[i + 1], path[i], false, travel.value_or(0)));
    }
    return hops;
}

bool all_hold(const PathView &path, const Which &which)
{
    return std::ranges::all_of(
        path, [&](const PointView &point) { return std::ranges::any_of(point.segments, which); });
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
    const std::vector<Hop> hops = hops_of(path);
    if (hops.empty())
        return std::nullopt;
    std::set<const PointView *> incomplete;
    for (const Hop &each : hops) {
        if (is_incomplete(each))
            incomplete.insert(&each.after);
        if (lacks_what_arrived(each))
            incomplete.insert(&each.before);
    }
    for (const Hop &each : hops)
        compare_hop(each, incomplete, views);
    if (!incomplete.empty())
        views.incomplete = (*incomplete.begin())->name;
    views.reset_everywhere = std::ranges::any_of(path.front().segments, [&](const Sighting &reset) {
        return is_reset(reset) &&
               all_hold(path, [&](const Sighting &other) { return reset.is_same(other); });
    });
    views.syn_reached_the_last =
        all_hold(path, is_syn) && std::ranges::all_of(path, [](const PointView &point) {
            return std::ranges::all_of(point.segments, &Sighting::from_initiator);
        });
    return views;
}

} // namespace tcptrace
