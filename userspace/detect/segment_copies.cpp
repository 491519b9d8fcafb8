// SPDX-License-Identifier: Apache-2.0
#include "detect/segment_copies.h"

#include <tcptrace/segment.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace tcptrace {

namespace {

// What begins and ends at one place of the stream.
struct Edge {
    int before = 0; // copies more or fewer from here on
    int after = 0;
    int begun = 0; // segments of `before` that begin here
};

auto identity(const Sighting &segment)
{
    return std::tuple(segment.sequence, segment.acknowledgment, segment.length, segment.flags,
                      segment.mark);
}

std::vector<Sighting> sorted(std::span<const Sighting> segments)
{
    std::vector<Sighting> all(segments.begin(), segments.end());
    std::ranges::sort(all, {}, identity);
    return all;
}

} // namespace

MissingCopies missing_copies(std::span<const Sighting> before, std::span<const Sighting> after,
                             std::uint32_t acknowledged)
{
    MissingCopies missing;
    std::map<std::int32_t, Edge> edges; // by place, from the first segment of `before`

    if (before.empty())
        return missing;
    const std::uint32_t origin = before.front().sequence;
    const auto place = [&](std::uint32_t sequence) {
        return static_cast<std::int32_t>(sequence - origin);
    };
    const auto enter = [&](const Sighting &segment, int Edge::*copies) {
        const std::uint32_t space = segment.length + ((segment.flags & TT_FIN) ? 1U : 0U);
        if (space == 0 || (segment.flags & TT_SYN))
            return;
        edges[place(segment.sequence)].*copies += 1;
        edges[place(segment.sequence + space)].*copies -= 1;
        if (copies == &Edge::before)
            edges[place(segment.sequence)].begun += 1;
    };
    for (const Sighting &segment : before)
        enter(segment, &Edge::before);
    for (const Sighting &segment : after)
        enter(segment, &Edge::after);

    int here = 0;
    int there = 0;
    int lacked = 0;
    for (auto edge = edges.begin(); edge != edges.end(); ++edge) {
        here += edge->second.before;
        there += edge->second.after;
        const auto next = std::next(edge);
        const int lacks = std::max(0, here - there);
        const int more = std::max(lacks - lacked, std::min(lacks, edge->second.begun));
        lacked = lacks;
        if (lacks == 0 || next == edges.end())
            continue;
        if (there == 0 && next->first <= place(acknowledged)) {
            missing.uncaptured += static_cast<std::uint32_t>(std::max(more, 0));
            continue;
        }
        missing.segments += static_cast<std::uint32_t>(std::max(more, 0));
        missing.absent += there == 0 ? static_cast<std::uint32_t>(std::max(more, 0)) : 0U;
        missing.bytes += static_cast<std::uint64_t>(lacks) *
                         static_cast<std::uint64_t>(next->first - edge->first);
    }
    return missing;
}

MissingCopies missing_packets(std::span<const Sighting> before, std::span<const Sighting> after)
{
    const std::vector<Sighting> here = sorted(before);
    const std::vector<Sighting> there = sorted(after);
    std::vector<Sighting> lacked;

    std::ranges::set_difference(here, there, std::back_inserter(lacked), {}, identity, identity);
    const auto absent = std::ranges::count_if(lacked, [&](const Sighting &segment) {
        return !std::ranges::binary_search(there, identity(segment), {}, identity);
    });
    return {.segments = static_cast<std::uint32_t>(lacked.size()),
            .absent = static_cast<std::uint32_t>(absent)};
}

} // namespace tcptrace
