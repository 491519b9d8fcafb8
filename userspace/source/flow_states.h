// SPDX-License-Identifier: Apache-2.0
// The flow states of a file, as the kernel's flow table is for live traffic; and the SYNs
// whose answer is due, in order of time. Bounded: flows that closed go first, then old ones.
#pragma once

#include <tcptrace/flow_state.h>

#include <tsl/robin_map.h>

#include <cstdint>
#include <deque>

namespace tcptrace {

class FlowStates {
public:
    struct Place {
        tt_flow_state state;
        bool wanted = false;   // the filter chose a packet of this flow
        std::uint8_t file = 0; // where it was seen, of several
    };

    explicit FlowStates(std::size_t capacity);

    // The place of this flow, made at `now_ns` if it is new. Valid until the next call.
    [[nodiscard]] Place &at(const tt_flow_key &key, std::uint64_t now_ns);

    // After this connection's first SYN. Calls come in order of time.
    void expect_answer(const tt_flow_key &key, std::uint64_t until_ns);
    // Calls expired(key, place, due_ns) for each SYN whose time was up by `now_ns`.
    template <typename Expired>
    void expire(std::uint64_t now_ns, Expired expired)
    {
        while (!due_.empty() && due_.front().until_ns <= now_ns) {
            const Due due = due_.front();
            due_.pop_front();
            if (Place *place = find(due.key))
                expired(due.key, *place, due.until_ns);
        }
    }
    [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

private:
    struct Due {
        std::uint64_t until_ns;
        tt_flow_key key;
    };
    struct Hash {
        std::uint64_t seed;
        std::size_t operator()(const tt_flow_key &key) const
        {
            return tt_flow_key_hash(&key, seed);
        }
    };
    struct Equal {
        bool operator()(const tt_flow_key &a, const tt_flow_key &b) const
        {
            return tt_flow_key_equal(&a, &b);
        }
    };

    [[nodiscard]] Place *find(const tt_flow_key &key);
    void make_room();

    std::size_t capacity_;
    tsl::robin_map<tt_flow_key, std::uint32_t, Hash, Equal> index_; // into places_
    std::deque<Place> places_;                                      // do not move when it grows
    std::deque<tt_flow_key> order_;                                 // of arrival, of all in index_
    std::deque<std::uint32_t> free_;                                // in places_
    std::deque<Due> due_;
    std::uint64_t evicted_ = 0;
};

} // namespace tcptrace
