// SPDX-License-Identifier: Apache-2.0
#include "source/netns.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;

TEST_CASE("the initial namespace is known by its number, also where init may not be looked at")
{
    constexpr std::uint32_t fixed = 4026531833; // as `lsns -t net` shows it from 6.18 on
    constexpr std::uint32_t first_of_others = 0xF0000000;

    CHECK(is_initial_netns(fixed, 0));
    CHECK(is_initial_netns(first_of_others, first_of_others));
    CHECK_FALSE(is_initial_netns(first_of_others, 0));
    CHECK_FALSE(is_initial_netns(first_of_others + 1, first_of_others));
    CHECK_FALSE(is_initial_netns(0, 0));
}
