// SPDX-License-Identifier: Apache-2.0
// Which rule dropped a packet: goes through the chains as the kernel does, but where a
// condition cannot be told goes both ways, and so finds every rule that may have done it.
// That the packet did die tells one from many: where one place remains, it was there.
#pragma once

#include "host/dropped_packet.h"
#include "host/rule_counters.h"
#include "host/ruleset.h"

#include <optional>
#include <string>

namespace tcptrace {

struct DropPoint {
    const Chain *chain = nullptr;
    const Rule *rule = nullptr; // null: the chain's policy
    std::string hook{};         // the chain was entered from; empty: from several
    bool counted = false;       // its counter rose with the drop
};

// What the counters in a ruleset can prove.
struct Counting {
    const RuleCounters *before = nullptr; // those of a time before the drop; null: none
    bool read_after = true;               // the ruleset was read after the drop
};

// Empty: no rule can have done it, or several, or it is too much to look through.
[[nodiscard]] std::optional<DropPoint>
find_drop_point(const DroppedPacket &packet, const Ruleset &ruleset, const Counting &counting);

} // namespace tcptrace
