// SPDX-License-Identifier: Apache-2.0
#include "flow/flow_table.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};

} // namespace

TEST_CASE("a full table lets its oldest flow leave, and says so")
{
    std::vector<std::uint16_t> left;
    FlowTable table(2, [&](Flow &flow) { left.push_back(flow.connection().initiator.port); });
    Story a(40001);
    Story b(40002);
    Story c(40003);
    table.take(a.at(0, syn));
    table.take(b.at(1, syn));
    table.take(c.at(2, syn));
    CHECK(table.size() == 2);
    CHECK(table.evicted() == 1);
    CHECK(left == std::vector<std::uint16_t>{40001});
    table.drain();
    CHECK(left == std::vector<std::uint16_t>{40001, 40002, 40003});
    CHECK(table.size() == 0);
}

TEST_CASE("ports used again make the old connection leave")
{
    int left = 0;
    FlowTable table(8, [&](Flow &) { left++; });
    Story story;
    table.take(story.at(0, syn));
    table.take(story.at(9, {.flags = TT_SYN, .sequence = 555}));
    CHECK(left == 1);
    CHECK(table.size() == 1);
}

TEST_CASE("a flow is restless while its SYN has no answer")
{
    FlowTable table(8, [](Flow &) {});
    Story story;
    table.take(story.at(0, syn));
    int visits = 0;
    table.for_each_restless([&](Flow &) { visits++; });
    CHECK(visits == 1);
    table.take(story.at(1, {.from_client = false,
                            .flags = TT_RST | TT_ACK,
                            .sequence = 0,
                            .acknowledgment = 101,
                            .window = 0}));
    table.for_each_restless([&](Flow &) { visits++; });
    table.for_each_restless([&](Flow &) { visits++; });
    CHECK(visits == 2); // the first walk after the answer still visits, then forgets
}

TEST_CASE("flows that end well leave no trail")
{
    FlowTable table(4, [](Flow &) {});
    for (std::uint16_t port = 1000; port < 2000; port++) {
        Story story(port);
        const auto &first = story.at(port, syn);
        table.take(first);
        table.drop(first);
    }
    CHECK(table.size() == 0);
    CHECK(table.evicted() == 0);
}
