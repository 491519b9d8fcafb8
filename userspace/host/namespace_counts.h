// SPDX-License-Identifier: Apache-2.0
// What each network namespace counted since tcptrace began to watch: the stack and the
// connection tracking. Keeps where each began.
#pragma once

#include "core/host_facts.h"
#include "host/conntrack.h"
#include "host/namespaces.h"

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace tcptrace {

class NamespaceCounts {
public:
    struct Counts {
        std::optional<StackCounters> stack{};
        std::optional<ConntrackFact> conntrack{};
    };

    // Notes where the counters of all stand. A namespace that is met later began at zero
    // if `namespaces` were all there were, else where it is met.
    void begin(const Namespaces &namespaces, Deadline deadline);

    // The calling thread must be in that namespace. An answer serves for 250 ms.
    [[nodiscard]] Counts of(std::uint32_t netns, std::uint64_t now_ns, Deadline deadline);

    void forget_gone(const Namespaces &namespaces);

private:
    struct Sums {
        std::optional<StackCounters> stack{};
        std::optional<ConntrackCounts> conntrack{};
    };
    struct Kept {
        Sums began{};
        Counts counts{};
        std::uint64_t at_ns = 0; // of `counts`; 0: never
    };
    [[nodiscard]] static Sums read(Deadline deadline);

    std::unordered_map<std::uint32_t, Kept> kept_;
    bool new_ones_began_at_zero_ = false;
};

} // namespace tcptrace
