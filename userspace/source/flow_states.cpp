// SPDX-License-Identifier: Apache-2.0
#include "source/flow_states.h"

namespace tcptrace {

tt_flow_state &FlowStates::at(const tt_flow_key &key, std::uint64_t now_ns)
{
    if (const auto found = index_.find(key); found != index_.end())
        return states_[found->second];
    if (index_.size() >= capacity_)
        make_room();
    std::uint32_t place = static_cast<std::uint32_t>(states_.size());
    if (free_.empty()) {
        states_.emplace_back();
    } else {
        place = free_.front();
        free_.pop_front();
    }
    index_.emplace(key, place);
    order_.push_back(key);
    tt_flow_state_init(&states_[place], now_ns);
    return states_[place];
}

tt_flow_state *FlowStates::find(const tt_flow_key &key)
{
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &states_[found->second];
}

// Gives up the flow that came first.
void FlowStates::make_room()
{
    const auto found = index_.find(order_.front());
    free_.push_back(found->second);
    index_.erase(found);
    order_.pop_front();
    evicted_++;
}

} // namespace tcptrace
