// SPDX-License-Identifier: Apache-2.0
#include "flow/flow.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100, .window = 64240};
constexpr Said synack{
    .from_client = false, .flags = TT_SYN | TT_ACK, .sequence = 900, .acknowledgment = 101};
constexpr Said ack{.sequence = 101, .acknowledgment = 901};

} // namespace

TEST_CASE("a SYN seen at two interfaces is one SYN")
{
    Story story;
    const auto &first = story.at(0, syn, 1);
    Flow flow(first);
    flow.update(first);
    flow.update(story.at(0.01, syn, 2));
    CHECK(flow.points().size() == 2);
    CHECK(flow.syn_times().size() == 1);
    CHECK(flow.syns() == 1);
}

TEST_CASE("copies of a SYN are counted with their times")
{
    Story story;
    const auto &first = story.at(1000, syn);
    Flow flow(first);
    flow.update(first);
    flow.update(story.at(2000, syn));
    flow.update(story.at(4000, syn));
    CHECK(flow.syns() == 3);
    CHECK(flow.count(TT_SYN_RETRANSMISSION) == 2);
    REQUIRE(flow.syn_times().size() == 3);
    CHECK(flow.syn_times()[2] - flow.syn_times()[0] == 3 * TT_NSEC_PER_SEC);
    CHECK_FALSE(flow.answered());
    CHECK(flow.restless());
}

TEST_CASE("the initiator is who sent the SYN, whatever its port")
{
    Story story(80, 40000);
    const auto &first = story.at(0, syn);
    Flow flow(first);
    flow.update(first);
    CHECK(flow.connection().initiator.port == 80);
}

TEST_CASE("a SYN with another number on the same ports is another connection")
{
    Story story;
    const auto &first = story.at(0, syn);
    Flow flow(first);
    flow.update(first);
    CHECK_FALSE(flow.is_another(story.at(1000, syn)));
    CHECK(flow.is_another(story.at(2000, {.flags = TT_SYN, .sequence = 777})));
}

TEST_CASE("a window's closures add up and an open end counts until now")
{
    Story story;
    const auto &first = story.at(0, syn);
    Flow flow(first);
    for (const Observation *each :
         {&first, &story.at(1, synack), &story.at(2, ack),
          &story.at(10, {.sequence = 101, .acknowledgment = 901, .window = 0}),
          &story.at(510, {.sequence = 101, .acknowledgment = 901, .window = 9}),
          &story.at(600, {.sequence = 101, .acknowledgment = 901, .window = 0})})
        flow.update(*each);
    const auto closure = flow.closure(flow.initiator(), 1600 * TT_NSEC_PER_MSEC);
    CHECK(closure.times == 2);
    CHECK(closure.still_closed);
    CHECK(closure.total_ns == 1500 * TT_NSEC_PER_MSEC);
    CHECK(closure.longest_ns == 1000 * TT_NSEC_PER_MSEC);
}
