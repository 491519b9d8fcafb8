// SPDX-License-Identifier: Apache-2.0
#include "source/flow_states.h"

#include <sys/random.h>

namespace tcptrace {

namespace {

// So that nobody who writes a file can aim its flows at one bucket. Without randomness
// (early boot) the seed is known, and such a file is slow to read.
std::uint64_t random_seed()
{
    std::uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        return 0;
    return seed;
}

} // namespace

FlowStates::FlowStates(std::size_t capacity) : capacity_(capacity), index_(0, Hash{random_seed()})
{
}

FlowStates::Place &FlowStates::at(const tt_flow_key &key, std::uint64_t now_ns)
{
    if (Place *known = find(key))
        return *known;
    if (index_.size() >= capacity_)
        make_room();
    auto number = static_cast<std::uint32_t>(places_.size());
    if (free_.empty()) {
        places_.emplace_back();
    } else {
        number = free_.front();
        free_.pop_front();
    }
    index_.emplace(key, number);
    order_.push_back(key);
    Place &place = places_[number];
    tt_flow_state_init(&place.state, now_ns);
    place.wanted = false;
    place.file = 0;
    return place;
}

FlowStates::Place *FlowStates::find(const tt_flow_key &key)
{
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &places_[found->second];
}

// One flow of the oldest goes: the first that closed, or else the one looked at last. The
// others of them go to the end of the line.
void FlowStates::make_room()
{
    constexpr int looked_at = 8;

    for (int tries = 1;; tries++) {
        const tt_flow_key key = order_.front();
        const auto found = index_.find(key);
        order_.pop_front();
        if (tries == looked_at || places_[found->second].state.closed) {
            free_.push_back(found->second);
            index_.erase(found);
            evicted_++;
            return;
        }
        order_.push_back(key);
    }
}

void FlowStates::expect_answer(const tt_flow_key &key, std::uint64_t until_ns)
{
    // More than there are flows are of connections that others have replaced.
    if (due_.size() >= capacity_)
        due_.pop_front();
    due_.push_back({until_ns, key});
}

} // namespace tcptrace
