// SPDX-License-Identifier: Apache-2.0
// What a flow makes of drops that are told of it.
#include "flow/corroboration.h"
#include "flow/flow_table.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <cerrno>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};

} // namespace

TEST_CASE("a drop is kept with its names, and alike ones together")
{
    Story story;
    const Observation &first = story.drop(0, syn, {});
    Flow flow(first);
    flow.update(first);
    CHECK_FALSE(flow.unremarkable());
    flow.update(story.drop(1000, syn, {.suppressed = 3}));
    flow.update(story.drop(2000, syn, {.interface = "eth2"}));

    REQUIRE(flow.drops().size() == 2);
    const DropSeen &seen = flow.drops()[0];
    CHECK(seen.reason == "NETFILTER_DROP");
    CHECK(seen.function == "nft_do_chain");
    CHECK(seen.hook == "forward");
    CHECK(seen.interface == "eth1");
    CHECK(seen.netns == 4026532000);
    CHECK(seen.flags == TT_SYN);
    CHECK(seen.sender == first.record.sender);
    CHECK(seen.count == 5);
    CHECK(seen.last_ns - seen.first_ns == TT_NSEC_PER_SEC);
    CHECK(flow.drops()[1].interface == "eth2");
    CHECK(flow.count(TT_DROP) == 3);
    CHECK(flow.syn_times().size() == 3);
}

TEST_CASE("a drop is told at once: no interface can confirm it")
{
    Story story;
    Corroboration corroboration;
    const Observation &drop = story.drop(0, syn, {});
    Flow flow(drop);
    flow.update(drop);
    CHECK(corroboration.admit(flow, drop));
}

TEST_CASE("a flow is not made for what only another namespace knows")
{
    Story story;
    FlowTable flows(16, [](Flow &) {});
    const Observation &foreign = story.drop(0, syn, {.foreign = true});
    CHECK(flows.take_known(foreign) == nullptr);
    CHECK(flows.size() == 0);
    const Flow &flow = flows.take(story.at(1, syn));
    CHECK(flows.take_known(foreign) == &flow);
    CHECK(flow.drops().size() == 1);
}

TEST_CASE("what never left the stack is counted, and is no fault")
{
    Story story;
    const Observation &first = story.unsent(0, syn, EBUSY);
    Flow flow(first);
    flow.update(first);
    flow.update(story.unsent(1000, syn, EPERM));
    CHECK(flow.unsent().count == 2);
    CHECK(flow.unsent().syns == 2);
    CHECK(flow.unsent().error == EPERM);
    CHECK(flow.unremarkable());
    CHECK(flow.evidence().empty());
    CHECK(flow.initiator() == first.record.sender);
}
