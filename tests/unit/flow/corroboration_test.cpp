// SPDX-License-Identifier: Apache-2.0
#include "flow/corroboration.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};

struct Told {
    int count = 0;
    void operator()(const Observation &) { count++; }
};

} // namespace

TEST_CASE("the stack's word after the interface's is one event")
{
    Story story;
    Corroboration corroboration;
    const auto &first = story.at(0, syn);
    Flow flow(first);
    flow.update(first);
    const auto &wire = story.at(1000, syn);
    flow.update(wire);
    CHECK(corroboration.admit(flow, wire));
    const auto &stack = story.stack(1000.1, syn, TT_SYN_RETRANSMISSION);
    flow.update(stack);
    CHECK_FALSE(corroboration.admit(flow, stack));
    Told told;
    corroboration.release(5 * TT_NSEC_PER_SEC, std::ref(told));
    CHECK(told.count == 0);
    CHECK(corroboration.merged() == 1);
}

TEST_CASE("the stack's word is known again, whatever the interface told in between")
{
    Story story;
    Corroboration corroboration;
    const auto &first = story.at(0, syn);
    Flow flow(first);
    flow.update(first);
    flow.update(story.at(1000, syn));
    flow.update(story.at(1000.1, {.from_client = false, .flags = TT_RST | TT_ACK}));
    const auto &stack = story.stack(1000.2, syn, TT_SYN_RETRANSMISSION);
    flow.update(stack);
    CHECK_FALSE(corroboration.admit(flow, stack));
    CHECK(corroboration.merged() == 1);
}

TEST_CASE("the stack's word before the interface's is one event")
{
    Story story;
    Corroboration corroboration;
    const auto &first = story.at(0, syn);
    Flow flow(first);
    flow.update(first);
    const auto &stack = story.stack(1000, syn, TT_SYN_RETRANSMISSION);
    flow.update(stack);
    CHECK_FALSE(corroboration.admit(flow, stack));
    const auto &wire = story.at(1000.1, syn);
    flow.update(wire);
    CHECK(corroboration.admit(flow, wire));
    Told told;
    corroboration.release(5 * TT_NSEC_PER_SEC, std::ref(told));
    CHECK(told.count == 0);
}

TEST_CASE("what only the stack saw is told when patience ends")
{
    Story story;
    Corroboration corroboration;
    const auto &stack = story.stack(1000, {.sequence = 5, .length = 10}, TT_RETRANSMISSION);
    Flow flow(stack);
    flow.update(stack);
    CHECK_FALSE(corroboration.admit(flow, stack));
    Told told;
    corroboration.release(1040 * TT_NSEC_PER_MSEC, std::ref(told));
    CHECK(told.count == 0);
    corroboration.release(1050 * TT_NSEC_PER_MSEC, std::ref(told));
    CHECK(told.count == 1);
}
