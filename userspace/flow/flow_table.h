// SPDX-License-Identifier: Apache-2.0
// The flows user space holds: one for each connection whatever the points it was seen
// at, at most so many; the oldest leaves first. Whoever leaves is told of.
#pragma once

#include "core/flow_key.h"
#include "flow/flow.h"

#include <tcptrace/flow_key.h>

#include <tsl/robin_map.h>

#include <cstring>
#include <deque>
#include <functional>
#include <memory>

namespace tcptrace {

class FlowTable {
public:
    using Leaving = std::function<void(Flow &)>;

    // `leaving` is called for a flow that is about to be dropped: because the table is
    // full, because its ports were used again, or at the end.
    FlowTable(std::size_t capacity, Leaving leaving);

    // The flow this observation belongs to, made if it is new, brought up to date.
    Flow &take(const Observation &observation);
    // The same of a flow that is known already; NULL: it is not.
    Flow *take_known(const Observation &observation);
    // With this key (Flow::key()); nullptr: there is none.
    [[nodiscard]] Flow *find(const tt_flow_key &key) const;
    // Keeps a packet from before what is told of its flow next.
    void remember(const Observation &earlier);
    // Drops a flow without a word: it ended well.
    void drop(const Observation &observation);
    // Drops all, oldest first.
    void drain();

    template <typename Visit>
    void for_each_restless(Visit visit)
    {
        // Flows get restless by an observation only, so a list of those is enough.
        std::erase_if(restless_, [&](const tt_flow_key &key) {
            const auto found = flows_.find(key);
            if (found == flows_.end())
                return true;
            visit(*found->second);
            return !found->second->restless();
        });
    }

    template <typename Visit>
    void for_each(Visit visit)
    {
        for (const auto &[key, flow] : flows_)
            visit(*flow);
    }

    [[nodiscard]] std::size_t size() const { return flows_.size(); }
    [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

private:
    void make_room();
    Flow &update(Flow &flow, const tt_flow_key &key, const Observation &observation);

    std::size_t capacity_;
    Leaving leaving_;
    tsl::robin_map<tt_flow_key, std::unique_ptr<Flow>, FlowKeyHash, FlowKeyEqual> flows_;
    std::deque<tt_flow_key> order_; // of arrival; may name flows that are gone
    std::vector<tt_flow_key> restless_;
    std::uint64_t evicted_ = 0;
};

} // namespace tcptrace
