// SPDX-License-Identifier: Apache-2.0
// Which flows' earlier packets are asked for, and when: those with their first anomaly in a
// batch. The memory itself is recorder.h's.
#pragma once

#include "source/recorder.h"
#include "source/ring_reader.h"

#include <cstdint>
#include <deque>
#include <unordered_set>
#include <vector>

namespace tcptrace {

class Recall {
public:
    explicit Recall(Recorder recorder) : recorder_(std::move(recorder)) {}

    // What is remembered from before the first anomaly of each flow that has it in this
    // batch, in order of time. A scan takes milliseconds: in a storm not each batch gets one,
    // and a flow that is passed over has its turn at its next anomaly.
    [[nodiscard]] std::vector<tt_record> before(const std::vector<Told> &batch);

private:
    [[nodiscard]] bool is_new(const tt_flow_key &connection);

    Recorder recorder_;
    std::unordered_set<tt_flow_key, FlowKeyHash, FlowKeyEqual> known_; // recalled before
    std::deque<tt_flow_key> order_;                                    // of known_
    std::uint64_t next_scan_ns_ = 0;
};

} // namespace tcptrace
