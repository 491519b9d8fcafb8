// SPDX-License-Identifier: Apache-2.0
// How far the clocks of several capture files are apart, by the packets that two of them
// hold: as NTP does (RFC 5905 §8), from both directions of the connection with the shortest
// way. Error: half of that way's asymmetry.
#pragma once

#include "source/segment_log.h"

#include <cstdint>
#include <vector>

namespace tcptrace {

// Nanoseconds to add to each file's time to get the first file's; 0 where no packet tells.
[[nodiscard]] std::vector<std::int64_t> clock_offsets(const SegmentLog &log, std::size_t files);

} // namespace tcptrace
