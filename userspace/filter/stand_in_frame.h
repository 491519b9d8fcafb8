// SPDX-License-Identifier: Apache-2.0
// A frame made of what is known of a segment, for filters to look at where no Ethernet
// frame of it was seen: by a tracepoint, by the sweep, on a device without link header, in
// an ICMP error. Fields that are not known are 0.
#pragma once

#include "core/address.h"

#include <tcptrace/segment.h>

#include <array>
#include <cstdint>
#include <span>

namespace tcptrace {

struct StandInFrame {
    std::array<std::uint8_t, 14 + 40 + TT_TCP_HEADER_MIN> storage{};
    std::size_t length = 0;
    std::uint32_t wire_length = 0;

    [[nodiscard]] std::span<const std::uint8_t> bytes() const
    {
        return std::span(storage).first(length);
    }
};

[[nodiscard]] StandInFrame stand_in_frame(const tt_segment &segment, const Endpoint &source,
                                          const Endpoint &destination);

} // namespace tcptrace
