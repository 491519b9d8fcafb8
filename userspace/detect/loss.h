// SPDX-License-Identifier: Apache-2.0
// What a connection that loses segments shows of the reason. The detector packet_loss asks.
#pragma once

#include "detect/detector.h"

#include <cstdint>
#include <optional>

namespace tcptrace {

// Segments that had to be sent again: as far as is known, they did not arrive before.
[[nodiscard]] std::uint32_t losses(const Flow &flow);
// The drop of data, or of its acknowledgments, that counts most; NULL: none.
[[nodiscard]] const DropSeen *data_drop(const Flow &flow);
// The receiver still waits, a second and more, for data from before what it has.
[[nodiscard]] std::optional<Hole> open_hole(const Flow &flow);
// The path said how large a packet may be and the sender obeyed: how it should be.
[[nodiscard]] bool packets_were_made_smaller(const Flow &flow);

[[nodiscard]] Verdict loss_verdict(const Flow &flow);

} // namespace tcptrace
