// SPDX-License-Identifier: Apache-2.0
#include "source/file_clock.h"

#include <catch2/catch_test_macros.hpp>

using tcptrace::FileClock;

namespace {

constexpr std::uint64_t second = TT_NSEC_PER_SEC;
constexpr std::uint64_t now = 1'767'355'200 * second;
constexpr std::uint64_t year_2106 = 4'294'967'295 * second;

} // namespace

TEST_CASE("the clock follows the stamps and never runs backwards")
{
    FileClock clock;
    CHECK(clock.advance(now) == now);
    CHECK(clock.advance(now + 5) == now + 5);
    CHECK(clock.advance(now + 2) == now + 5);
    CHECK(clock.advance(now + 9) == now + 9);
}

TEST_CASE("time 0 means never: a frame of 1970 is a nanosecond later")
{
    FileClock clock;
    CHECK(clock.advance(0) == 1);
    CHECK(clock.advance(0) == 1);
    CHECK(clock.advance(second) == second);
}

TEST_CASE("one stamp far ahead does not stop the clock")
{
    FileClock clock;
    clock.advance(now);
    CHECK_FALSE(clock.doubts(now + 3600 * second));
    REQUIRE(clock.doubts(year_2106));
    CHECK(clock.advance(year_2106, now + second) == now + second);
    CHECK(clock.advance(now + second) == now + second);
    CHECK(clock.advance(now + 2 * second) == now + 2 * second);
}

TEST_CASE("what follows a quiet day is believed")
{
    constexpr std::uint64_t tomorrow = now + 86400 * second;
    FileClock clock;
    clock.advance(now);
    REQUIRE(clock.doubts(tomorrow));
    CHECK(clock.advance(tomorrow, tomorrow + second) == tomorrow);
    CHECK_FALSE(clock.doubts(tomorrow + second));

    FileClock last;
    last.advance(now);
    CHECK(last.advance(tomorrow) == tomorrow); // the last frame: nothing speaks against it
}

TEST_CASE("a first stamp far ahead is not believed either")
{
    FileClock clock;
    CHECK(clock.advance(year_2106, now) == now);
    CHECK(clock.advance(now) == now);
}
