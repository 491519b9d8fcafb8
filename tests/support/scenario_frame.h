// SPDX-License-Identifier: Apache-2.0
// The steps of a scenario as frames and as a capture file.
#pragma once

#include "support/scenario.h"

#include <tcptrace/parse.h>

namespace tcptrace::test {

inline constexpr std::uint16_t client_port = 40000;
inline constexpr std::uint16_t server_port = 80;

// The link type of the scenario's capture.
[[nodiscard]] tt_link link_of(const Scenario &scenario);

// The frame of a step that is no silence; `link`: TT_LINK_ETHERNET or TT_LINK_SLL2.
[[nodiscard]] std::vector<std::uint8_t> frame_of(const Scenario &scenario, const Step &step,
                                                 tt_link link);

// One frame for each step that is no silence, in their order.
void write_capture(const Scenario &scenario, const std::filesystem::path &path);

} // namespace tcptrace::test
