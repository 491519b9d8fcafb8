// SPDX-License-Identifier: Apache-2.0
#include "source/recall.h"

#include <unordered_map>

namespace tcptrace {

namespace {

constexpr std::size_t known_max = 4096;
constexpr std::size_t flows_max = 256; // asked for at once
constexpr std::uint64_t between_scans_ns = 50 * TT_NSEC_PER_MSEC;

// The lines of a flow's packets take their numbers from one origin: that of the anomaly.
void take_origin(tt_record &earlier, const tt_record &anomaly)
{
    earlier.state = anomaly.state;
    if ((earlier.segment.flags & (TT_SYN | TT_ACK)) == (TT_SYN | TT_ACK))
        earlier.finding.signs = TT_SIGN_PRINT_ORIGIN;
}

} // namespace

bool Recall::is_new(const tt_flow_key &connection)
{
    if (!known_.insert(connection).second)
        return false;
    order_.push_back(connection);
    if (order_.size() > known_max) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return true;
}

std::vector<tt_record> Recall::before(const std::vector<Told> &batch)
{
    std::unordered_map<tt_flow_key, const tt_record *, FlowKeyHash, FlowKeyEqual> troubles;
    std::vector<tt_flow_key> keys;
    const std::uint64_t now = batch.empty() ? 0 : batch.back().record->time_ns;

    if (now < next_scan_ns_ || batch.empty())
        return {};
    for (const Told &told : batch) {
        const tt_record &record = *told.record;
        if (record.is_packet || record.finding.anomalies == 0 || keys.size() >= flows_max)
            continue;
        if (is_new(connection_of(record.key))) {
            troubles.emplace(connection_of(record.key), &record);
            keys.push_back(record.key);
        }
    }
    if (keys.empty())
        return {};
    next_scan_ns_ = now + between_scans_ns;
    std::vector<tt_record> records = recorder_.find(keys);
    std::erase_if(records, [&](tt_record &record) {
        const tt_record &anomaly = *troubles.at(connection_of(record.key));
        take_origin(record, anomaly);
        return record.time_ns >= anomaly.time_ns;
    });
    return records;
}

} // namespace tcptrace
