// SPDX-License-Identifier: Apache-2.0
// Linux cooked v2 (LINKTYPE_LINUX_SLL2) in the place of a packet's own link header, as
// captures of several interfaces have it: 20 bytes with the interface and the way.
#pragma once

#include "core/observation.h"

#include <cstdint>
#include <vector>

namespace tcptrace {

// By how much the cooked packet is longer than the packet; negative when shorter.
[[nodiscard]] int cooked_growth(const PacketView &packet);
// The cooked header, and what is behind the packet's own. `packet` is Ethernet or raw IP.
[[nodiscard]] std::vector<std::uint8_t> cook(const PacketView &packet);

} // namespace tcptrace
