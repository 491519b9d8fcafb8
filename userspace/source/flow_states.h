// SPDX-License-Identifier: Apache-2.0
// The flow states of a file, as the kernel's flow table is for live traffic; and the SYNs
// whose answer is due, in order of time.
#pragma once

#include <tcptrace/flow_state.h>

#include <tsl/robin_map.h>

#include <cstdint>
#include <deque>

namespace tcptrace {

class FlowStates {
public:
    explicit FlowStates(std::size_t capacity) : capacity_(capacity) {}

    // The state of this flow, made at `now_ns` if it is new. Valid until the next call.
    [[nodiscard]] tt_flow_state &at(const tt_flow_key &key, std::uint64_t now_ns);
    // Of a flow that is known; else nullptr.
    [[nodiscard]] tt_flow_state *find(const tt_flow_key &key);

    void expect_answer(const tt_flow_key &key, std::uint64_t until_ns)
    {
        due_.push_back({until_ns, key});
    }
    // Calls expired(key, state, due_ns) for each SYN whose time was up by `now_ns`.
    template <typename Expired>
    void expire(std::uint64_t now_ns, Expired expired)
    {
        while (!due_.empty() && due_.front().until_ns <= now_ns) {
            const Due due = due_.front();
            due_.pop_front();
            if (tt_flow_state *state = find(due.key))
                expired(due.key, *state, due.until_ns);
        }
    }
    [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

private:
    struct Due {
        std::uint64_t until_ns;
        tt_flow_key key;
    };
    struct Hash {
        std::size_t operator()(const tt_flow_key &key) const { return tt_flow_key_hash(&key, 0); }
    };
    struct Equal {
        bool operator()(const tt_flow_key &a, const tt_flow_key &b) const
        {
            return tt_flow_key_equal(&a, &b);
        }
    };

    void make_room();

    std::size_t capacity_;
    tsl::robin_map<tt_flow_key, std::uint32_t, Hash, Equal> index_; // into states_
    std::deque<tt_flow_state> states_; // do not move when it grows
    std::deque<tt_flow_key> order_;    // of arrival
    std::deque<std::uint32_t> free_;   // places in states_
    std::deque<Due> due_;
    std::uint64_t evicted_ = 0;
};

} // namespace tcptrace
