// SPDX-License-Identifier: Apache-2.0
// How long the link header of a packet is: what -x and -A leave out. What stands in it is not
// printed here.
#pragma once

#include "core/observation.h"

#include <cstddef>

namespace tcptrace {

// VLAN tags are part of it, and 802.2 on Ethernet: as tcpdump counts.
[[nodiscard]] std::size_t link_length(const PacketView &packet);

} // namespace tcptrace
