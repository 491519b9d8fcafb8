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

TEST_CASE("a known flow keeps its place, a new one is initialised")
{
    FlowStates states(2);
    states.at(key_of(1), 10).wanted = true;
    CHECK(states.at(key_of(1), 99).wanted);
    CHECK(states.at(key_of(1), 99).state.first_ns == 10);
    CHECK_FALSE(states.at(key_of(2), 20).wanted);
    CHECK(states.at(key_of(2), 20).state.initiator == TT_INITIATOR_UNKNOWN);
    CHECK(states.evicted() == 0);
}

TEST_CASE("a place that is used again remembers nothing of the flow before")
{
    FlowStates states(1);
    FlowStates::Place &place = states.at(key_of(1), 10);
    place.wanted = true;
    place.state.syns = 7;
    CHECK_FALSE(states.at(key_of(2), 20).wanted);
    CHECK(states.at(key_of(2), 20).state.syns == 0);
    CHECK(states.at(key_of(2), 20).state.first_ns == 20);
    CHECK(states.evicted() == 1);
}

TEST_CASE("the table is bounded however many flows come")
{
    constexpr std::uint16_t capacity = 16;
    constexpr std::uint16_t flows = 5000;
    FlowStates states(capacity);
    for (std::uint16_t port = 1; port <= flows; port++)
        static_cast<void>(states.at(key_of(port), port));
    CHECK(states.evicted() == flows - capacity);
    // The newest is always there still.
    CHECK(states.at(key_of(flows), 9999).state.first_ns == flows);
    CHECK(states.evicted() == flows - capacity);
}

TEST_CASE("an answer is asked for once, and not of flows that were given up")
{
    FlowStates states(1);
    int expired = 0;
    const auto note = [&expired](const tt_flow_key &key, FlowStates::Place &, std::uint64_t) {
        CHECK(key.port[0] == 2);
        expired++;
    };
    static_cast<void>(states.at(key_of(1), 10));
    states.expect_answer(key_of(1), 110);
    static_cast<void>(states.at(key_of(2), 20)); // takes the only place
    states.expect_answer(key_of(2), 120);
    states.expire(500, note);
    states.expire(500, note);
    CHECK(expired == 1);
}

TEST_CASE("more answers than flows are not waited for: the oldest go")
{
    FlowStates states(4);
    std::vector<std::uint64_t> due;
    static_cast<void>(states.at(key_of(1), 1));
    for (std::uint64_t until = 101; until <= 110; until++)
        states.expect_answer(key_of(1), until);
    states.expire(1000, [&due](const tt_flow_key &, FlowStates::Place &, std::uint64_t at) {
        due.push_back(at);
    });
    CHECK(due == std::vector<std::uint64_t>{107, 108, 109, 110});
}
