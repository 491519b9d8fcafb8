// SPDX-License-Identifier: Apache-2.0
#include "flow/refusals.h"

#include <algorithm>

namespace tcptrace {

namespace {

bool is_refusal(const tt_record &record)
{
    constexpr std::uint8_t flags = TT_RST | TT_ACK;
    return (record.finding.anomalies & TT_RESET) && (record.segment.flags & flags) == flags &&
           record.segment.kind == TT_KIND_TCP && record.segment.sequence == 0 &&
           record.segment.acknowledgment != 0;
}

} // namespace

std::optional<OtherName> Refusals::match(const Observation &observation)
{
    const tt_record &record = observation.record;
    if (!is_refusal(record))
        return std::nullopt;
    const Refusal now{.acknowledgment = record.segment.acknowledgment,
                      .time_ns = record.time_ns,
                      .ifindex = record.key.ifindex,
                      .connection = {observation.destination(), observation.source()}};
    const auto found = std::ranges::find_if(kept_, [&](const Refusal &each) {
        const std::uint64_t apart =
            std::max(each.time_ns, now.time_ns) - std::min(each.time_ns, now.time_ns);
        return each.acknowledgment == now.acknowledgment && each.connection != now.connection &&
               each.ifindex != now.ifindex && apart <= on_its_way_ns;
    });
    std::optional<OtherName> name;
    if (found != kept_.end())
        name = found->time_ns <= now.time_ns ? OtherName{now.connection, found->connection}
                                             : OtherName{found->connection, now.connection};
    if (kept_.size() >= kept_max)
        kept_.pop_front();
    kept_.push_back(now);
    return name;
}

} // namespace tcptrace
