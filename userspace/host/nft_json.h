// SPDX-License-Identifier: Apache-2.0
// Reads what `nft -j list ruleset` prints (libnftables-json(5)). Any text is safe to give.
#pragma once

#include "core/result.h"
#include "host/ruleset.h"

#include <string_view>

namespace tcptrace {

[[nodiscard]] Result<Ruleset> parse_nft_json(std::string_view text);

} // namespace tcptrace
