// SPDX-License-Identifier: Apache-2.0
// A failed connection attempt in words. Why it failed is judged in syn_path.h.
#pragma once

#include "detect/detector.h"

#include <string>

namespace tcptrace {

// "SYN sent 4 times (0.0, +1.0, +3.0, +7.0 s); no SYN-ACK, RST or ICMP error seen in 7.0 s"
[[nodiscard]] std::string attempts_words(const Flow &flow, const Moment &moment);
// Where, why and what to do, of a verdict of syn_timeout.
void explain_syn(const Flow &flow, const Verdict &verdict, Diagnosis &diagnosis);

} // namespace tcptrace
