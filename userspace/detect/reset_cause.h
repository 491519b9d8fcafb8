// SPDX-License-Identifier: Apache-2.0
// What the detectors of resets share: who reset an established connection and why, by the
// stack's own word, the process it named, or the packets; and how that is put.
#pragma once

#include "detect/detector.h"

#include <optional>
#include <string>

namespace tcptrace {

// The end of the process whose doing the reset was; NULL: it lives, or is not known.
[[nodiscard]] const ProcessEnd *process_that_ended(const Flow &flow);
// The sender's keep-alive probes had no answer: by its stack's word, or as the wire showed.
[[nodiscard]] bool is_keepalive_timeout(const Flow &flow);
// "SIGSEGV"; "signal 40" for one without a name.
[[nodiscard]] std::string signal_words(int signal);
// Names the process, where the stack named one.
void describe_who(const Flow &flow, Diagnosis &diagnosis);
// "pid 4242 api was killed by SIGSEGV 3.0 ms before the RST": what the sender's end had done,
// by the stack's word; empty if it did not say.
[[nodiscard]] std::string why_words(const Flow &flow);
// What the reset looked like on the wire, where that tells something about its sender.
[[nodiscard]] std::string shape_words(const ResetSeen &reset);

} // namespace tcptrace
