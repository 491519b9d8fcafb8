// SPDX-License-Identifier: Apache-2.0
// Which diagnoses this build can make; for --only, --fail-on and --help.
#pragma once

#include <string_view>
#include <vector>

namespace tcptrace {

[[nodiscard]] std::vector<std::string_view> diagnosis_ids(); // sorted

} // namespace tcptrace
