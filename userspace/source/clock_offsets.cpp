// SPDX-License-Identifier: Apache-2.0
#include "source/clock_offsets.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace tcptrace {

namespace {

// What the packets between two files leave open: the offset lies between the bounds, if
// both directions were seen.
struct Bounds {
    std::int64_t low = 0;
    std::int64_t high = 0;
    bool both_ways = false;
    [[nodiscard]] std::int64_t width() const { return high - low; }
};

auto identity(const Sighting &segment)
{
    return std::tuple(segment.from_initiator, segment.sequence, segment.acknowledgment,
                      segment.length, segment.flags, segment.mark);
}

// The packets of one file, those with equal identity side by side, in order of time.
std::vector<Sighting> packets_of(const SegmentLog::Entries &entries, std::size_t file)
{
    std::vector<Sighting> packets;
    for (const SegmentLog::Entry &entry : entries) {
        if (entry.file == file)
            packets.push_back(entry.segment);
    }
    std::ranges::stable_sort(packets, {}, identity);
    return packets;
}

// Of one direction's packets: time in the one file less time in the other.
struct Spread {
    std::int64_t least = 0;
    std::int64_t most = 0;
    bool any = false;

    void add(std::int64_t difference)
    {
        least = any ? std::min(least, difference) : difference;
        most = any ? std::max(most, difference) : difference;
        any = true;
    }
};

// Queues make a packet later, never earlier. So if the first file is on the initiator's
// side, the offset is not below any difference of the initiator's packets, and not above
// any of the responder's; if it is on the other side, the other way round.
Bounds bounds_of(const Spread &initiator, const Spread &responder)
{
    if (!initiator.any || !responder.any) {
        const Spread &only = initiator.any ? initiator : responder;
        return {only.least, only.least, false};
    }
    if (initiator.most <= responder.least)
        return {initiator.most, responder.least, true};
    if (responder.most <= initiator.least)
        return {responder.most, initiator.least, true};
    return {std::min(initiator.least, responder.least), std::max(initiator.most, responder.most),
            true};
}

std::optional<Bounds> compare(const std::vector<Sighting> &a, const std::vector<Sighting> &b)
{
    Spread initiator;
    Spread responder;

    for (auto at = a.begin(); at != a.end();) {
        const auto here = std::ranges::equal_range(at, a.end(), identity(*at), {}, identity);
        const auto there = std::ranges::equal_range(b, identity(*at), {}, identity);
        at = here.end();
        // Of copies that nothing tells apart the first is the first only if none was lost;
        // a file with two points (-i any) holds each packet twice.
        if (here.size() != there.size() && here.size() != 2 * there.size() &&
            2 * here.size() != there.size())
            continue;
        Spread &direction = here.front().from_initiator ? initiator : responder;
        direction.add(static_cast<std::int64_t>(here.front().time_ns) -
                      static_cast<std::int64_t>(there.front().time_ns));
    }
    if (!initiator.any && !responder.any)
        return std::nullopt;
    return bounds_of(initiator, responder);
}

// To add to `b`'s time to get `a`'s.
std::optional<std::int64_t> offset_between(const SegmentLog &log, std::size_t a, std::size_t b)
{
    std::optional<Bounds> best;
    for (const SegmentLog::Entries &entries : log.all()) {
        const auto bounds = compare(packets_of(entries, a), packets_of(entries, b));
        if (bounds && (!best || std::tuple(!bounds->both_ways, bounds->width()) <
                                    std::tuple(!best->both_ways, best->width())))
            best = bounds;
    }
    if (!best)
        return std::nullopt;
    return best->low + best->width() / 2;
}

} // namespace

std::vector<std::int64_t> clock_offsets(const SegmentLog &log, std::size_t files)
{
    std::vector<std::int64_t> offsets(files, 0);
    std::vector<bool> known(files, false);
    bool more = true;

    if (files > 0)
        known[0] = true;
    while (more) { // a file may share packets with another than the first
        more = false;
        for (std::size_t a = 0; a < files; a++) {
            for (std::size_t b = 0; known[a] && b < files; b++) {
                if (known[b])
                    continue;
                if (const auto offset = offset_between(log, a, b)) {
                    offsets[b] = offsets[a] + *offset;
                    known[b] = true;
                    more = true;
                }
            }
        }
    }
    return offsets;
}

} // namespace tcptrace
