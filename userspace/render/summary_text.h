// SPDX-License-Identifier: Apache-2.0
// What is said to people at the start and at the end of a run.
#pragma once

#include "core/summary.h"

#include <string>

namespace tcptrace {

// For stderr, as tcpdump's "listening on ...".
void append_start(std::string &out, const StartInfo &info);

// The verdict and the figures that bear it. `depth`: at depth stack no healthy packet is
// seen, so silence proves less there.
void append_summary(std::string &out, const Summary &summary, tt_depth depth, bool colour);

// For stderr: tcpdump's three closing counters, and ours.
void append_closing_counters(std::string &out, const Summary &summary);
// --stats, SIGUSR1: every counter by name.
void append_counters(std::string &out, const tt_counters &counters);

[[nodiscard]] std::string_view depth_id(tt_depth depth); // "notable"

} // namespace tcptrace
