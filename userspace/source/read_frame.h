// SPDX-License-Identifier: Apache-2.0
// A frame's TCP segment (or ICMP error about one), also inside a tunnel: what a file and
// the recorder have in common.
#pragma once

#include <tcptrace/parse.h>
#include <tcptrace/segment.h>

#include <cstdint>
#include <span>

namespace tcptrace {

// TT_PARSED, or why there is none: enum tt_parse_result.
[[nodiscard]] int read_frame(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                             tt_link link, tt_packet &packet);

// Is an IP packet inside another (VXLAN, GRE, IP in IP and their like)?
[[nodiscard]] bool is_in_tunnel(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                                tt_link link);

} // namespace tcptrace
