// SPDX-License-Identifier: Apache-2.0
// Whether a packet meets a rule's conditions: yes, no, or not to be told from what is known.
#pragma once

#include "host/dropped_packet.h"
#include "host/ruleset.h"

#include <utility>
#include <vector>

namespace tcptrace {

enum class Truth : std::uint8_t { No, Unknown, Yes };

[[nodiscard]] constexpr Truth both(Truth a, Truth b)
{
    return a < b ? a : b;
}

[[nodiscard]] Truth meets(const DroppedPacket &packet, const RuleCondition &condition);
[[nodiscard]] Truth meets_all(const DroppedPacket &packet, const Rule &rule);

struct MapAnswer {
    Truth truth = Truth::No;
    const RuleVerdict *verdict = nullptr;
};
// The verdicts a map may give: one that is sure stands alone. Empty: the packet is not in it.
[[nodiscard]] std::vector<MapAnswer> look_up(const DroppedPacket &packet, const RuleCondition &map);

} // namespace tcptrace
