// SPDX-License-Identifier: Apache-2.0
// What other network namespaces told of connections that nothing is known of here yet: a drop or
// a reset often comes a moment before what it leads to. Bounded, and for seconds only, for
// ports are used again.
#pragma once

#include "core/flow_key.h"
#include "core/observation.h"

#include <cstdint>
#include <deque>
#include <string>

namespace tcptrace {

class ForeignMemory {
public:
    static constexpr std::size_t records_max = 2048;
    static constexpr std::uint64_t kept_ns = 5 * TT_NSEC_PER_SEC;

    void remember(const Observation &observation);
    void expire(std::uint64_t now_ns);

    // Calls visit(const Observation &) for what is known of this connection, and forgets it.
    template <typename Visit>
    void take(const tt_flow_key &connection, Visit visit)
    {
        std::erase_if(held_, [&](const Held &each) {
            const tt_flow_key key = connection_of(each.record.key);
            if (!tt_flow_key_equal(&key, &connection))
                return false;
            visit(each.observation());
            return true;
        });
    }

private:
    struct Held {
        tt_record record;
        std::string interface;
        DropName drop{}; // its names live as long as the source
        bool stack_tells_resets = false;

        [[nodiscard]] Observation observation() const;
    };

    std::deque<Held> held_;
};

} // namespace tcptrace
