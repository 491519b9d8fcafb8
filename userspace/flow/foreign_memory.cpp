// SPDX-License-Identifier: Apache-2.0
#include "flow/foreign_memory.h"

namespace tcptrace {

Observation ForeignMemory::Held::observation() const
{
    return {.record = record,
            .interface = interface,
            .stack_tells_resets = stack_tells_resets,
            .drop = drop,
            .foreign = true};
}

void ForeignMemory::remember(const Observation &observation)
{
    if (held_.size() >= records_max)
        held_.pop_front();
    held_.push_back({observation.record, std::string(observation.interface), observation.drop,
                     observation.stack_tells_resets});
}

void ForeignMemory::expire(std::uint64_t now_ns)
{
    while (!held_.empty() && held_.front().record.time_ns + kept_ns < now_ns)
        held_.pop_front();
}

} // namespace tcptrace
