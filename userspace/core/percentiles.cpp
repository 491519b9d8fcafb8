// SPDX-License-Identifier: Apache-2.0
#include "core/percentiles.h"

#include <numeric>

namespace tcptrace {

namespace {

// Seconds below which `share` of the counts lie.
double below(std::span<const std::uint64_t> buckets, std::uint64_t total, double share)
{
    const double wanted = static_cast<double>(total) * share;
    std::uint64_t seen = 0;
    for (std::uint32_t bucket = 0; bucket < buckets.size(); bucket++) {
        seen += buckets[bucket];
        if (static_cast<double>(seen) >= wanted)
            return static_cast<double>(tt_histogram_value(bucket)) / 1e9;
    }
    return 0;
}

} // namespace

std::optional<Percentiles> percentiles(std::span<const std::uint64_t> buckets)
{
    const std::uint64_t total = std::reduce(buckets.begin(), buckets.end());
    if (total == 0)
        return std::nullopt;
    return Percentiles{.p50 = below(buckets, total, 0.5),
                       .p90 = below(buckets, total, 0.9),
                       .p99 = below(buckets, total, 0.99),
                       .count = total};
}

} // namespace tcptrace
