// SPDX-License-Identifier: Apache-2.0
#include "flow/flow_table.h"

#include <algorithm>

namespace tcptrace {

FlowTable::FlowTable(std::size_t capacity, Leaving leaving)
    : capacity_(capacity), leaving_(std::move(leaving))
{
}

Flow &FlowTable::take(const Observation &observation)
{
    const tt_flow_key key = connection_of(observation.record.key);
    auto found = flows_.find(key);

    if (found != flows_.end() && found->second->is_another(observation)) {
        leaving_(*found->second);
        found.value() = std::make_unique<Flow>(observation);
    } else if (found == flows_.end()) {
        make_room();
        order_.push_back(key);
        found = flows_.emplace(key, std::make_unique<Flow>(observation)).first;
    }
    return update(*found.value(), key, observation);
}

Flow *FlowTable::take_known(const Observation &observation)
{
    const tt_flow_key key = connection_of(observation.record.key);
    const auto found = flows_.find(key);
    return found == flows_.end() ? nullptr : &update(*found.value(), key, observation);
}

Flow &FlowTable::update(Flow &flow, const tt_flow_key &key, const Observation &observation)
{
    const bool was_restless = flow.restless();
    flow.update(observation);
    if (!was_restless && flow.restless())
        restless_.push_back(key);
    return flow;
}

void FlowTable::remember(const Observation &earlier)
{
    const tt_flow_key key = connection_of(earlier.record.key);
    auto found = flows_.find(key);

    if (found == flows_.end()) {
        make_room();
        order_.push_back(key);
        found = flows_.emplace(key, std::make_unique<Flow>(earlier)).first;
    }
    found.value()->remember(earlier);
}

Flow *FlowTable::find(const tt_flow_key &key) const
{
    const auto found = flows_.find(key);
    return found == flows_.end() ? nullptr : found->second.get();
}

void FlowTable::drop(const Observation &observation)
{
    flows_.erase(connection_of(observation.record.key));
}

void FlowTable::make_room()
{
    // Connections that ended well leave their place in the order behind.
    while (!order_.empty() && (flows_.size() >= capacity_ || !flows_.contains(order_.front()))) {
        const auto oldest = flows_.find(order_.front());
        order_.pop_front();
        if (oldest == flows_.end())
            continue;
        leaving_(*oldest.value());
        flows_.erase(oldest);
        evicted_++;
    }
    if (order_.size() > 4 * capacity_) {
        std::erase_if(order_, [&](const tt_flow_key &key) { return !flows_.contains(key); });
    }
}

void FlowTable::drain()
{
    for (const tt_flow_key &key : order_) {
        const auto found = flows_.find(key);
        if (found == flows_.end())
            continue;
        leaving_(*found.value());
        flows_.erase(found);
    }
    order_.clear();
    restless_.clear();
}

} // namespace tcptrace
