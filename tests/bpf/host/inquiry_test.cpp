// SPDX-License-Identifier: Apache-2.0
// The inquiry's thread, in a namespace of the test: what it is asked, it answers.
#include "app/inquiry.h"
#include "support/private_netns.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <deque>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};
constexpr Said synack{
    .from_client = false, .flags = TT_SYN | TT_ACK, .sequence = 900, .acknowledgment = 101};

// A namespace that has both addresses of a Story.
struct Here {
    Here()
    {
        REQUIRE(netns.run("ip addr add 192.0.2.1/32 dev lo && ip addr add 192.0.2.2/32 dev lo"));
    }
    PrivateNetns netns{};
};

struct Asking {
    explicit Asking(std::uint16_t client_port = 40000) : story(client_port), flow(story.at(0, syn))
    {
        flow.update(story.at(0, syn));
    }
    Story story;
    Flow flow;
};

} // namespace

TEST_CASE("inquiry: sockets and namespaces of both ends")
{
    const Here here;
    auto inquiry = Inquiry::begin();
    REQUIRE(inquiry);
    CHECK((*inquiry)->answers().empty());
    Asking one;
    // The stack's records tell where its sockets are: the machine may have these addresses too.
    for (const Said &said : {syn, synack}) {
        tt_record record = one.story.stack(1, said, TT_SYN_RETRANSMISSION).record;
        record.netns = here.netns.inode();
        record.way = TT_OUT;
        one.flow.update({.record = record, .interface = {}});
    }
    REQUIRE((*inquiry)->ask(one.flow));
    (*inquiry)->settle();
    const auto answers = (*inquiry)->answers();
    REQUIRE(answers.size() == 1);
    const tt_flow_key key = one.flow.key();
    CHECK(tt_flow_key_equal(&answers[0].key, &key));
    const HostFacts &facts = answers[0].facts;
    REQUIRE((facts.ends[0] && facts.ends[1]));
    CHECK(facts.ends[0]->netns == here.netns.inode());
    CHECK(facts.ends[1]->netns == here.netns.inode());
    CHECK(facts.ends[1]->listeners_known);
    CHECK(facts.ends[1]->listeners.empty());
    CHECK_FALSE(facts.rule);
    CHECK((*inquiry)->answers().empty()); // each is handed out once
}

TEST_CASE("inquiry: the rule that fits a drop")
{
    const Here here;
    REQUIRE(here.netns.run("nft 'table inet t { chain in { type filter hook input priority 0;\n"
                           "tcp dport 81 drop\n tcp dport 80 drop comment \"no web\"\n }\n }'"));
    auto inquiry = Inquiry::begin();
    REQUIRE(inquiry);
    Asking one;
    one.flow.update(one.story.drop(
        1, syn,
        {.name = {"NETFILTER_DROP", "nft_do_chain", "input"}, .netns = here.netns.inode()}));
    REQUIRE((*inquiry)->ask(one.flow));
    (*inquiry)->settle();
    const auto answers = (*inquiry)->answers();
    REQUIRE(answers.size() == 1);
    REQUIRE(answers[0].facts.rule);
    CHECK(answers[0].facts.rule->comment == "no web");
    CHECK(answers[0].facts.rule->netns == here.netns.inode());
    CHECK_FALSE(answers[0].facts.rule->counted);
}

TEST_CASE("inquiry: ends with questions that nobody waits for any more")
{
    const Here here;
    auto inquiry = Inquiry::begin();
    REQUIRE(inquiry);
    std::deque<Asking> many;
    for (std::uint16_t port = 40000; port < 40200; port++)
        REQUIRE((*inquiry)->ask(many.emplace_back(port).flow));
}
