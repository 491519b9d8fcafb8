// SPDX-License-Identifier: Apache-2.0
// Which figures of a finding belong to which of its anomalies: a segment can be several,
// and their number and elapsed time are told once, with the one they are about.
#pragma once

#include <tcptrace/anomaly.h>

#include <cstdint>
#include <optional>

namespace tcptrace {

// Which repetition this is, from 1 (of syn_unanswered: times the SYN was sent).
[[nodiscard]] std::optional<std::uint32_t> repetition_of(tt_anomaly anomaly,
                                                         const tt_finding &finding);
// Nanoseconds since what the anomaly is about (docs/output.md says which).
[[nodiscard]] std::optional<std::uint64_t> elapsed_of(tt_anomaly anomaly,
                                                      const tt_finding &finding);

} // namespace tcptrace
