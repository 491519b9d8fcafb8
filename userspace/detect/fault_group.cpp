// SPDX-License-Identifier: Apache-2.0
#include "detect/fault_group.h"

#include <algorithm>
#include <utility>

namespace tcptrace {

void FaultPart::join(const FaultShare &share)
{
    if (count == 0)
        source = share.source;
    else if (source && *source != share.source)
        source.reset();
    count += share.connections;
}

void FaultPart::leave(const FaultShare &share)
{
    count -= std::min(count, share.connections);
    // The last example stays, for the words of those that remain.
    if (examples.size() > 1 || count == 0)
        std::erase_if(examples, [&](const FaultExample &e) { return e.flow == share.flow; });
}

void FaultPart::move(const FaultShare &share, FaultPart &to)
{
    FaultExample *example = example_of(*share.flow);

    to.join(share);
    if (example && to.examples.size() < examples_max)
        to.examples.push_back(*example);
    leave(share);
}

FaultExample *FaultPart::new_example(const FaultShare &share, const Connection &connection)
{
    if (examples.size() >= examples_max)
        return nullptr;
    return &examples.emplace_back(
        FaultExample{.flow = share.flow, .connection = connection, .words = {}});
}

FaultExample *FaultPart::example_of(const Flow &flow)
{
    const auto found = std::ranges::find(examples, &flow, &FaultExample::flow);
    return found == examples.end() ? nullptr : &*found;
}

std::optional<Address> FaultGroup::source() const
{
    if (in_crowd.count == 0)
        return alone.source;
    return alone.count == 0 || alone.source == in_crowd.source ? in_crowd.source : std::nullopt;
}

FaultExample *FaultGroup::example_of(const Flow &flow)
{
    FaultExample *example = alone.example_of(flow);
    return example ? example : in_crowd.example_of(flow);
}

std::vector<const FaultExample *> FaultGroup::examples(bool also_in_crowd) const
{
    std::vector<const FaultExample *> all;
    for (const FaultPart *part : {&alone, &in_crowd}) {
        if (part == &in_crowd && !also_in_crowd && !all.empty())
            break;
        for (const FaultExample &each : part->examples) {
            if (all.size() < FaultPart::examples_max)
                all.push_back(&each);
        }
    }
    return all;
}

} // namespace tcptrace
