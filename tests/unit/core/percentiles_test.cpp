// SPDX-License-Identifier: Apache-2.0
#include "core/percentiles.h"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cmath>

using namespace tcptrace;

namespace {

using Buckets = std::array<std::uint64_t, TT_HISTOGRAM_BUCKETS>;

bool about(double seconds, double expected)
{
    return std::abs(seconds - expected) <= 0.13 * expected;
}

// Calls visit(ns) with values of every magnitude, in rising order.
template <typename Visit>
void sweep(std::uint64_t last, Visit visit)
{
    for (std::uint64_t ns = 0; ns < last; ns += ns / 50 + 1)
        visit(ns);
}

} // namespace

TEST_CASE("a longer time is never in a lower bucket, and no bucket is left out")
{
    std::uint32_t before = 0;
    bool rising = true;
    sweep(1ULL << 46, [&](std::uint64_t ns) {
        const std::uint32_t bucket = tt_histogram_bucket(ns);
        rising = rising && (bucket == before || bucket == before + 1);
        before = bucket;
    });
    CHECK(rising);
    CHECK(before == TT_HISTOGRAM_BUCKETS - 1);
}

TEST_CASE("what a bucket stands for is within 13 % of all that is in it")
{
    std::uint64_t wrong = 0;
    sweep(1ULL << 46, [&](std::uint64_t ns) {
        const std::uint64_t value = tt_histogram_value(tt_histogram_bucket(ns));
        if (!about(static_cast<double>(value), static_cast<double>(ns)))
            wrong = ns;
    });
    CHECK(wrong == 0);
}

TEST_CASE("a bucket's value lies in that bucket")
{
    for (std::uint32_t bucket = 0; bucket < TT_HISTOGRAM_BUCKETS; bucket++)
        CHECK(tt_histogram_bucket(tt_histogram_value(bucket)) == bucket);
}

TEST_CASE("times beyond the last bucket count in it")
{
    CHECK(tt_histogram_bucket(1ULL << 46) == TT_HISTOGRAM_BUCKETS - 1);
    CHECK(tt_histogram_bucket(~0ULL) == TT_HISTOGRAM_BUCKETS - 1);
}

TEST_CASE("nothing counted, nothing said")
{
    CHECK_FALSE(percentiles(Buckets{}).has_value());
    CHECK_FALSE(percentiles({}).has_value());
}

TEST_CASE("percentiles of known times")
{
    Buckets buckets{};
    for (std::uint64_t ms = 1; ms <= 1000; ms++)
        buckets[tt_histogram_bucket(ms * 1'000'000)]++;
    const auto result = percentiles(buckets);
    REQUIRE(result);
    CHECK(result->count == 1000);
    CHECK(about(result->p50, 0.5));
    CHECK(about(result->p90, 0.9));
    CHECK(about(result->p99, 0.99));
}

TEST_CASE("one slow handshake in a hundred is seen by none but the highest percentile")
{
    Buckets buckets{};
    buckets[tt_histogram_bucket(1'000'000)] = 98;
    buckets[tt_histogram_bucket(3'000'000'000)] = 2;
    const auto result = percentiles(buckets);
    REQUIRE(result);
    CHECK(about(result->p50, 0.001));
    CHECK(about(result->p90, 0.001));
    CHECK(about(result->p99, 3));
}

TEST_CASE("a single time is every percentile")
{
    Buckets buckets{};
    buckets[tt_histogram_bucket(250'000)] = 1;
    const auto result = percentiles(buckets);
    REQUIRE(result);
    CHECK(about(result->p50, 0.00025));
    CHECK(result->p50 == result->p99);
    CHECK(result->count == 1);
}
