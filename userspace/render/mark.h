// SPDX-License-Identifier: Apache-2.0
// The mark behind an event's line: « id, the most useful few words; id, words».
#pragma once

#include "core/observation.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// `anomalies`: those to be told. Begins with the two spaces that set it off.
void append_mark(std::string &out, const Observation &observation, std::uint32_t anomalies);

// What stands between its quotes.
void append_mark_words(std::string &out, const Observation &observation, std::uint32_t anomalies);

} // namespace tcptrace
