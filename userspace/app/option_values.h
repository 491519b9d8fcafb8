// SPDX-License-Identifier: Apache-2.0
// What the words behind options mean: numbers, durations, depths and lists of ids. Each
// Error is a usage error that names the word.
#pragma once

#include "core/result.h"

#include <tcptrace/settings.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace tcptrace {

// A whole number above 0; `option` is named in the message.
[[nodiscard]] Result<std::uint64_t> parse_number(std::string_view option, std::string_view text);

// "16MiB", "500KiB", "1GiB", plain bytes; "0" is none.
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view option, std::string_view text);

// "30" and "30s", "500ms", "2m", "1h"; above 0.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// "stack", "notable", "sequence".
[[nodiscard]] Result<tt_depth> parse_depth(std::string_view text);

enum class Ids { EventsAndDiagnoses, Diagnoses }; // with Diagnoses, "any" too

// "a,b": ids that exist in this build.
[[nodiscard]] Result<std::set<std::string, std::less<>>>
parse_ids(std::string_view option, std::string_view text, Ids which);

// An id that --explain can print something about.
[[nodiscard]] Result<std::string> parse_explained(std::string_view id);

} // namespace tcptrace
