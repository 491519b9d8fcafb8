// SPDX-License-Identifier: Apache-2.0
#include "detect/path_order.h"

#include <algorithm>
#include <optional>
#include <span>

namespace tcptrace {

namespace {

struct Between {
    std::optional<std::int64_t> initiators; // least difference of time, of its packets
    std::optional<std::int64_t> responders;
    int hops = 0; // that the initiator's packets lost from the one to the other
};

void lessen(std::optional<std::int64_t> &least, std::int64_t difference)
{
    least = least ? std::min(*least, difference) : difference;
}

constexpr std::size_t segments_enough = 64; // of the beginning; they tell the order

// Times in `b` less times in `a`, of packets that both hold.
Between differences(const PointView &a, const PointView &b)
{
    Between between;
    auto there = b.segments.begin();

    for (const Sighting &here :
         std::span(a.segments).first(std::min(a.segments.size(), segments_enough))) {
        const auto same = std::ranges::find_if(
            there, b.segments.end(), [&](const Sighting &other) { return here.is_same(other); });
        if (same == b.segments.end())
            continue;
        there = same; // nearly in order; what overtook another is passed over
        const auto difference = static_cast<std::int64_t>(same->time_ns - here.time_ns);
        lessen(here.from_initiator ? between.initiators : between.responders, difference);
        if (here.from_initiator)
            between.hops = int{here.ttl} - int{same->ttl};
    }
    return between;
}

std::ptrdiff_t from_initiator(const PointView &point)
{
    return std::ranges::count_if(point.segments, &Sighting::from_initiator);
}

bool is_nearer(const PointView &a, const PointView &b)
{
    const Between between = differences(a, b);

    if (between.initiators && between.responders && *between.initiators != *between.responders)
        return *between.initiators > *between.responders;
    if (between.hops != 0)
        return between.hops > 0;
    return from_initiator(a) > from_initiator(b);
}

} // namespace

// By insertion: three rules make no strict order that a library's sort could rely on.
PathView in_order_of_path(PathView view)
{
    PathView ordered;

    for (PointView &point : view) {
        auto at = ordered.end();
        while (at != ordered.begin() && is_nearer(point, *std::prev(at)))
            --at;
        ordered.insert(at, std::move(point));
    }
    return ordered;
}

} // namespace tcptrace
