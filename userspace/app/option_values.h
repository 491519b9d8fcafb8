// SPDX-License-Identifier: Apache-2.0
// What option values mean: durations and lists of ids.
#pragma once

#include "core/result.h"

#include <chrono>
#include <set>
#include <string>
#include <string_view>

namespace tcptrace {

// "30" and "30s", "500ms", "2m", "1h"; above 0.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// "a,b": ids of events and diagnoses that exist (`any` too, where that is allowed).
// Empty text: no ids.
[[nodiscard]] Result<std::set<std::string, std::less<>>>
parse_ids(std::string_view option, std::string_view text, bool diagnoses_only);

} // namespace tcptrace
