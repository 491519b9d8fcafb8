// SPDX-License-Identifier: Apache-2.0
// From the drop of a flow to the question which rule it was: only netfilter's drops have one.
#pragma once

#include "flow/flow.h"
#include "host/dropped_packet.h"

#include <cstdint>
#include <optional>

namespace tcptrace {

struct DropToExplain {
    std::uint32_t netns = 0;
    bool by_initiator = true; // its sender
    DroppedPacket packet{};

    // May one rule be the answer to both? Ports of clients differ.
    [[nodiscard]] bool is_like(const DropToExplain &other) const;
};

[[nodiscard]] bool has_drop_to_explain(const Flow &flow);
[[nodiscard]] std::optional<DropToExplain> drop_to_explain(const Flow &flow);

} // namespace tcptrace
