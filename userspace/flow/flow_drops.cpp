// SPDX-License-Identifier: Apache-2.0
// How a Flow takes in what the kernel dropped of it, and what never left its stack.
#include "flow/flow.h"

#include <algorithm>
#include <tuple>

namespace tcptrace {

namespace {

constexpr std::size_t drops_max = 16; // different ones

// A SYN, a SYN-ACK and a segment behind them are told apart: each says something else.
auto kind_of(const DropSeen &drop)
{
    const int part = !(drop.flags & TT_SYN) ? 0 : !(drop.flags & TT_ACK) ? 1 : 2;
    return std::tuple(part, drop.sender, drop.netns, drop.harmless, std::string_view(drop.reason),
                      std::string_view(drop.function), std::string_view(drop.hook),
                      std::string_view(drop.interface));
}

} // namespace

DropSeen drop_of(const Observation &observation)
{
    const tt_record &record = observation.record;

    return {.reason = std::string(observation.drop.reason),
            .function = std::string(observation.drop.function),
            .hook = std::string(observation.drop.hook),
            .interface = std::string(observation.interface),
            .source = observation.source(),
            .destination = observation.destination(),
            .netns = record.netns,
            .sender = static_cast<std::uint8_t>(record.sender & 1U),
            .flags = record.segment.flags,
            .sequence = record.segment.sequence,
            .bytes = record.segment.length,
            .count = 1 + record.finding.suppressed,
            .first_ns = record.time_ns,
            .last_ns = record.time_ns};
}

void Flow::note_drop(const Observation &observation)
{
    learn(drop_of(observation));
}

void Flow::note_unsent(const tt_record &record)
{
    if (record.hook != TT_HOOK_RETRANSMIT_SKB || record.stack.error == 0)
        return;
    unsent_.count++;
    unsent_.syns += (record.segment.flags & TT_SYN) != 0;
    unsent_.error = record.stack.error;
}

void Flow::learn(const DropSeen &drop)
{
    const auto found = std::ranges::find_if(
        drops_, [&](const DropSeen &known) { return kind_of(known) == kind_of(drop); });

    remarkable_ = remarkable_ || !drop.harmless;
    if (found == drops_.end()) {
        if (drops_.size() < drops_max)
            drops_.push_back(drop);
        stage_by_drop();
        return;
    }
    found->count += drop.count;
    found->first_ns = std::min(found->first_ns, drop.first_ns);
    found->last_ns = std::max(found->last_ns, drop.last_ns);
}

} // namespace tcptrace
