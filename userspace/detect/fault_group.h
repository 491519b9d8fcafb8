// SPDX-License-Identifier: Apache-2.0
// The connections that show one fault of one server: how many, from where, and examples of
// them. Who belongs to which group, and what is told, is book.h.
#pragma once

#include "core/diagnosis.h"
#include "detect/detector.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tcptrace {

// A connection that a group is illustrated with.
struct FaultExample {
    const Flow *flow = nullptr; // identity only; NULL: gone
    Connection connection;
    Diagnosis words;
};

// What a group gets of one flow, or several connections that are one flow.
struct FaultShare {
    const Flow *flow = nullptr; // identity only
    std::uint64_t connections = 0;
    Address source{};
};

class FaultPart {
public:
    static constexpr std::size_t examples_max = 3;

    void join(const FaultShare &share);
    void leave(const FaultShare &share);
    // From this part to the other one.
    void move(const FaultShare &share, FaultPart &to);
    // NULL: there are enough.
    [[nodiscard]] FaultExample *new_example(const FaultShare &share, const Connection &connection);
    [[nodiscard]] FaultExample *example_of(const Flow &flow);

    std::uint64_t count = 0;
    std::optional<Address> source{}; // while all have the same
    std::vector<FaultExample> examples{};
};

struct FaultGroup {
    // Those that the fault of a crowd may explain (detector.h), and the others.
    FaultPart in_crowd{};
    FaultPart alone{};
    std::uint64_t telling = 0;
    Crowd crowd{};
    std::uint64_t told = 0;     // count when last told
    std::uint64_t known_ns = 0; // when the first verdict was reached
    std::uint64_t first_ns = 0;
    std::uint64_t last_ns = 0;
    std::uint64_t lost_before = 0;

    [[nodiscard]] std::uint64_t count() const { return in_crowd.count + alone.count; }
    [[nodiscard]] FaultPart &part(bool crowded) { return crowded ? in_crowd : alone; }
    [[nodiscard]] std::optional<Address> source() const; // of both
    [[nodiscard]] FaultExample *example_of(const Flow &flow);
    // Those to tell of, at most examples_max.
    [[nodiscard]] std::vector<const FaultExample *> examples(bool also_in_crowd) const;
};

} // namespace tcptrace
