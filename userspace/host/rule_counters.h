// SPDX-License-Identifier: Apache-2.0
// What the counters of a ruleset showed at one time, small enough to keep: a rule whose
// counter stood still since then let the packet by, one whose counter rose is suspect.
#pragma once

#include "host/ruleset.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tcptrace {

class RuleCounters {
public:
    RuleCounters() = default;
    explicit RuleCounters(const Ruleset &ruleset);

    // By how much it rose since; `rule` null: the chain's policy. Empty: no counter, or it is
    // not the one it was (set to 0, made anew).
    [[nodiscard]] std::optional<std::uint64_t> rise(const Chain &chain, const Rule *rule) const;

private:
    std::vector<std::pair<std::uint64_t, std::uint64_t>> packets_; // by hash of the rule's name
};

} // namespace tcptrace
