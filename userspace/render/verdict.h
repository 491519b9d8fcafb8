// SPDX-License-Identifier: Apache-2.0
// What a finished run may claim. "Healthy" is a claim too: it is made only when something
// was seen, nothing was lost, and the input was whole.
#pragma once

#include "core/summary.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

enum class RunVerdict : std::uint8_t { Healthy, Faults, NothingSeen, Undecided };

[[nodiscard]] RunVerdict verdict_of(const Summary &summary);
// Why an undecided run is so, in words; empty for the others.
[[nodiscard]] std::string doubts_about(const Summary &summary);
[[nodiscard]] std::string_view to_string(RunVerdict verdict); // "healthy", "nothing_seen"
[[nodiscard]] std::uint64_t anomalies_of(const Summary &summary);
// TCP segments the classifier or its gate looked at.
[[nodiscard]] std::uint64_t segments_of(const Summary &summary);

} // namespace tcptrace
