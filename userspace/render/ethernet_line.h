// SPDX-License-Identifier: Apache-2.0
// An Ethernet frame as tcpdump prints it, on the wire or within a tunnel. 802.2 headers are
// llc_line.h's.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

inline constexpr std::uint16_t frame_length_max = 1500; // a type above, IEEE 802.3 §3.2.6
inline constexpr std::uint16_t jumbo_frame = 0x8870;    // an 802.2 header follows

LineEnd append_ethernet(std::string &out, Bytes frame, std::uint32_t length,
                        const LineContext &context);
[[nodiscard]] bool is_vlan_tag(std::uint16_t ethertype);
// "vlan 10, p 2, DEI, "
void append_vlan_tag(std::string &out, std::uint16_t tag);

} // namespace tcptrace
