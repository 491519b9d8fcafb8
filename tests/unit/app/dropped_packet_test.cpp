// SPDX-License-Identifier: Apache-2.0
#include "app/dropped_packet.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};
constexpr Said synack{
    .from_client = false, .flags = TT_SYN | TT_ACK, .sequence = 900, .acknowledgment = 101};

struct Dropping {
    explicit Dropping(std::uint16_t client_port = 40000)
        : story(client_port), flow(story.at(0, syn))
    {
        flow.update(story.at(0, syn));
    }
    Dropping &drop(double ms, const Said &said, const Story::Dropped &how)
    {
        flow.update(story.drop(ms, said, how));
        return *this;
    }
    Story story;
    Flow flow;
};

} // namespace

TEST_CASE("a drop to explain: only netfilter's has a rule")
{
    Dropping by_route;
    by_route.drop(1, syn, {.name = {"IP_INNOROUTES", "ip_forward", ""}});
    CHECK_FALSE(has_drop_to_explain(by_route.flow));
    CHECK_FALSE(drop_to_explain(by_route.flow));
    by_route.drop(2, syn, {});
    CHECK(has_drop_to_explain(by_route.flow));
    CHECK(drop_to_explain(by_route.flow)->packet.function == "nft_do_chain");
}

TEST_CASE("a drop to explain: the packet as it died")
{
    Dropping dropping;
    dropping.drop(10, syn, {}).drop(1010, syn, {.suppressed = 2});
    const auto asked = drop_to_explain(dropping.flow);
    REQUIRE(asked);
    CHECK(asked->by_initiator);
    CHECK(asked->netns == 4026532000);
    const DroppedPacket &packet = asked->packet;
    CHECK(packet.source == dropping.flow.connection().initiator);
    CHECK(packet.destination == dropping.flow.connection().responder);
    CHECK(packet.tcp_flags == TT_SYN);
    CHECK(packet.conntrack == conntrack_new);
    CHECK((packet.hook == "forward" && packet.in_interface == "eth1"));
    CHECK(packet.out_interface.empty());
    CHECK(packet.count == 4);
    CHECK(packet.last_ns - packet.first_ns == TT_NSEC_PER_SEC);
}

TEST_CASE("a drop to explain: a reply's, on its way out")
{
    Dropping dropping;
    dropping.drop(10, synack, {.name = {"NETFILTER_DROP", "nft_do_chain", "output"}});
    const auto asked = drop_to_explain(dropping.flow);
    REQUIRE(asked);
    CHECK_FALSE(asked->by_initiator);
    CHECK(asked->packet.source == dropping.flow.connection().responder);
    CHECK(asked->packet.out_interface == "eth1");
    CHECK(asked->packet.in_interface.empty());
    CHECK_FALSE(asked->packet.conntrack);
}

TEST_CASE("a drop to explain: other ports of the client make no other question, another hook does")
{
    Dropping first;
    Dropping second(40001);
    Dropping third;
    first.drop(1, syn, {});
    second.drop(5, syn, {});
    third.drop(1, syn, {.name = {"NETFILTER_DROP", "nft_do_chain", "input"}});
    CHECK(drop_to_explain(first.flow)->is_like(*drop_to_explain(second.flow)));
    CHECK_FALSE(drop_to_explain(first.flow)->is_like(*drop_to_explain(third.flow)));
}
