// SPDX-License-Identifier: Apache-2.0
// --on-anomaly: keeps the packets of each connection until it has an anomaly; from then on it
// needs no keeping. One budget for all connections, the oldest packet goes first.
#pragma once

#include "core/flow_key.h"
#include "sink/kept_packet.h"

#include <cstddef>
#include <deque>
#include <list>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace tcptrace {

class FlowRecorder {
public:
    FlowRecorder(std::size_t bytes_max, std::size_t connections_max);

    // Keys are those of connection_of().
    [[nodiscard]] bool had_anomaly(const tt_flow_key &connection) const;
    void keep(const tt_flow_key &connection, KeptPacket packet);
    // Its first anomaly came: what was kept of it, in order of time. Beyond `connections_max`
    // the one whose anomaly came first is forgotten, and is kept again.
    [[nodiscard]] std::vector<KeptPacket> release(const tt_flow_key &connection);

private:
    struct Kept {
        tt_flow_key connection;
        KeptPacket packet;
    };
    using Packets = std::list<Kept>; // of all connections, oldest first
    void drop_oldest();

    std::size_t bytes_max_;
    std::size_t connections_max_;
    Packets packets_;
    std::unordered_map<tt_flow_key, std::deque<Packets::iterator>, FlowKeyHash, FlowKeyEqual>
        by_connection_;
    std::size_t bytes_ = 0;
    std::unordered_set<tt_flow_key, FlowKeyHash, FlowKeyEqual> anomalous_;
    std::deque<tt_flow_key> anomalous_by_age_;
};

} // namespace tcptrace
