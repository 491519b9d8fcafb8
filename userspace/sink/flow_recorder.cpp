// SPDX-License-Identifier: Apache-2.0
#include "sink/flow_recorder.h"

#include <algorithm>
#include <utility>

namespace tcptrace {

FlowRecorder::FlowRecorder(std::size_t bytes_max, std::size_t connections_max)
    : bytes_max_(bytes_max), connections_max_(connections_max)
{
}

bool FlowRecorder::had_anomaly(const tt_flow_key &connection) const
{
    return anomalous_.contains(connection);
}

void FlowRecorder::keep(const tt_flow_key &connection, KeptPacket packet)
{
    bytes_ += packet.cost();
    packets_.push_back({connection, std::move(packet)});
    by_connection_[connection].push_back(std::prev(packets_.end()));
    while (bytes_ > bytes_max_)
        drop_oldest();
}

void FlowRecorder::drop_oldest()
{
    const Kept &oldest = packets_.front();
    const auto connection = by_connection_.find(oldest.connection);

    connection->second.pop_front();
    if (connection->second.empty())
        by_connection_.erase(connection);
    bytes_ -= oldest.packet.cost();
    packets_.pop_front();
}

std::vector<KeptPacket> FlowRecorder::release(const tt_flow_key &connection)
{
    std::vector<KeptPacket> released;

    if (!anomalous_.insert(connection).second)
        return released;
    anomalous_by_age_.push_back(connection);
    if (anomalous_by_age_.size() > connections_max_) {
        anomalous_.erase(anomalous_by_age_.front());
        anomalous_by_age_.pop_front();
    }
    auto kept = by_connection_.extract(connection);
    if (kept.empty())
        return released;
    for (const Packets::iterator each : kept.mapped()) {
        bytes_ -= each->packet.cost();
        released.push_back(std::move(each->packet));
        packets_.erase(each);
    }
    std::ranges::stable_sort(released, {}, &KeptPacket::unix_ns);
    return released;
}

} // namespace tcptrace
