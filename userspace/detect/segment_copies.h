// SPDX-License-Identifier: Apache-2.0
// What of one direction of a connection one point holds more often than another: counted by
// bytes of the stream, because a network card's offload cuts the same bytes differently.
#pragma once

#include "core/path_view.h"

#include <cstdint>
#include <span>

namespace tcptrace {

struct MissingCopies {
    std::uint32_t segments = 0; // copies that the second point lacks
    std::uint64_t bytes = 0;
    std::uint32_t absent = 0;     // of them: no copy at all is there
    std::uint32_t uncaptured = 0; // not there, although the receiver behind it acknowledged them
};

// The data (and FIN) of `before` that `after` lacks; `acknowledged` is the highest number by
// which the receiver acknowledged while `after` was being taken. All of one direction.
[[nodiscard]] MissingCopies missing_copies(std::span<const Sighting> before,
                                           std::span<const Sighting> after,
                                           std::uint32_t acknowledged);

// Packets of `before` of which `after` lacks some copy, or all; packet by packet: of use where
// they carry no data.
[[nodiscard]] MissingCopies missing_packets(std::span<const Sighting> before,
                                            std::span<const Sighting> after);

} // namespace tcptrace
