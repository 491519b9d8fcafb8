// SPDX-License-Identifier: Apache-2.0
// Reads percentiles out of a histogram (include/tcptrace/histogram.h).
#pragma once

#include "core/summary.h"

#include <tcptrace/histogram.h>

#include <cstdint>
#include <optional>
#include <span>

namespace tcptrace {

// Nothing, if nothing was counted.
[[nodiscard]] std::optional<Percentiles> percentiles(std::span<const std::uint64_t> buckets);

} // namespace tcptrace
