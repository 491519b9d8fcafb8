// SPDX-License-Identifier: Apache-2.0
#include "flow/corroboration.h"

namespace tcptrace {

namespace {

// What one witness calls by these names another may call by any other of the set.
std::uint32_t same_matter(std::uint32_t anomalies)
{
    constexpr std::uint32_t again = TT_RETRANSMISSIONS | TT_OUT_OF_ORDER;
    return anomalies & again ? anomalies | again : anomalies;
}

} // namespace

bool Corroboration::admit(const Flow &flow, const Observation &observation)
{
    const tt_record &record = observation.record;
    const std::uint32_t matter = same_matter(record.finding.anomalies);

    // No interface shows that a packet was dropped.
    if (alone_ || record.finding.anomalies == TT_DROP)
        return true;
    if (record.witness == TT_WITNESS_STACK) {
        const std::uint64_t told = flow.told_ns(TT_WITNESS_WIRE, matter);
        if (told && told + patience_ns >= record.time_ns) {
            merged_++;
            return false;
        }
        held_.push_back({record, std::string(observation.interface)});
        return false;
    }
    for (Held &held : held_) {
        tt_flow_key a = held.record.key;
        tt_flow_key b = record.key;
        a.ifindex = b.ifindex = 0;
        a.side = b.side = 0;
        if (!held.corroborated && (held.record.finding.anomalies & matter) &&
            tt_flow_key_equal(&a, &b)) {
            held.corroborated = true;
            merged_++;
        }
    }
    return true;
}

} // namespace tcptrace
