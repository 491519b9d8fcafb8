// SPDX-License-Identifier: Apache-2.0
#include "source/flow_states.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

using namespace tcptrace;

namespace {

tt_flow_key key_of(std::uint16_t port)
{
    tt_flow_key key{};
    key.port[0] = port;
    key.family = TT_IPV4;
    return key;
}

} // namespace

TEST_CASE("a full table gives up flows that closed before those that go on")
{
    FlowStates states(3);
    static_cast<void>(states.at(key_of(1), 10));
    states.at(key_of(2), 20).state.closed = 1;
    static_cast<void>(states.at(key_of(3), 30));
    static_cast<void>(states.at(key_of(4), 40));
    CHECK(states.evicted() == 1);
    CHECK(states.at(key_of(1), 50).state.first_ns == 10);
    CHECK(states.at(key_of(3), 50).state.first_ns == 30);
    CHECK(states.evicted() == 1);
    CHECK(states.at(key_of(2), 50).state.first_ns == 50);
    CHECK(states.evicted() == 2);
}

TEST_CASE("answers are due in order of time, and not before it")
{
    FlowStates states(8);
    std::vector<std::uint64_t> due;
    const auto note = [&due](const tt_flow_key &, FlowStates::Place &, std::uint64_t at) {
        due.push_back(at);
    };
    static_cast<void>(states.at(key_of(1), 10));
    states.expect_answer(key_of(1), 110);
    static_cast<void>(states.at(key_of(2), 20));
    states.expect_answer(key_of(2), 120);
    states.expire(109, note);
    CHECK(due.empty());
    states.expire(500, note);
    CHECK(due == std::vector<std::uint64_t>{110, 120});
}
