// SPDX-License-Identifier: Apache-2.0
// What two captures of one connection prove, and what they do not. Times in ms; the client's
// file is "c", the server's "s", a file between them "m".
#include "detect/two_views.h"

#include "detect/segment_copies.h"

#include <tcptrace/segment.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace tcptrace;

namespace {

constexpr std::uint64_t ms = TT_NSEC_PER_MSEC;
constexpr std::uint64_t began = 1'000'000 * ms;

struct Packet {
    std::uint64_t at_ms;
    bool from_client;
    std::uint8_t flags;
    std::uint32_t sequence;
    std::uint32_t acknowledgment = 0;
    std::uint32_t length = 0;
};

PointView point(const char *name, std::uint64_t until_ms, const std::vector<Packet> &packets,
                std::uint64_t from_ms = 0)
{
    PointView view{
        .name = name, .from_ns = began + from_ms * ms, .until_ns = began + until_ms * ms};
    std::uint32_t mark = 0;
    for (const Packet &packet : packets)
        view.segments.push_back({.time_ns = began + packet.at_ms * ms,
                                 .sequence = packet.sequence,
                                 .acknowledgment = packet.acknowledgment,
                                 .length = packet.length,
                                 .mark = mark,
                                 .flags = packet.flags,
                                 .ttl = 64,
                                 .from_initiator = packet.from_client});
    return view;
}

// Handshake and 3 data segments of the server as a point sees them `late_ms` after the client.
std::vector<Packet> transfer(std::uint64_t late_ms)
{
    const std::uint64_t back = 40 - late_ms;
    return {{late_ms, true, TT_SYN, 100},
            {back, false, TT_SYN | TT_ACK, 500, 101},
            {40 + late_ms, true, TT_ACK, 101, 501},
            {100 - late_ms, false, TT_ACK, 501, 101, 1000},
            {101 - late_ms, false, TT_ACK, 1501, 101, 1000},
            {102 - late_ms, false, TT_ACK, 2501, 101, 1000}};
}

void lose(std::vector<Packet> &packets, std::uint32_t sequence)
{
    std::erase_if(packets, [&](const Packet &each) { return each.sequence == sequence; });
}

TwoViews views_of(PathView view)
{
    const auto views = compare_views(std::move(view));
    REQUIRE(views);
    return *views;
}

} // namespace

TEST_CASE("both hold all of it: nothing was lost, whichever file is named first")
{
    const PointView client = point("c", 1000, transfer(0));
    const PointView server = point("s", 1000, transfer(20));
    for (const PathView &order : {PathView{client, server}, PathView{server, client}}) {
        const TwoViews views = views_of(order);
        CHECK(views.points == std::vector<std::string>{"c", "s"});
        CHECK_FALSE(views.syns);
        CHECK_FALSE(views.data[0]);
        CHECK(views.incomplete.empty());
    }
}

TEST_CASE("data that the client's file lacks was lost on the way to it")
{
    auto arrived = transfer(0);
    lose(arrived, 1501);
    const TwoViews views = views_of({point("c", 1000, arrived), point("s", 1000, transfer(20))});
    REQUIRE(views.data[0]);
    CHECK(views.data[0]->between == std::array<std::string, 2>{"c", "s"});
    CHECK_FALSE(views.data[0]->to_responder);
    CHECK(views.data[0]->packets == 1);
    CHECK(views.data[0]->bytes == 1000);
    CHECK(views.data[0]->covered);
    CHECK_FALSE(views.data[1]);
}

TEST_CASE("what was acknowledged arrived: the file missed it")
{
    auto arrived = transfer(0);
    lose(arrived, 1501);
    arrived.push_back({110, true, TT_ACK, 101, 3501});
    const TwoViews views = views_of({point("c", 1000, arrived), point("s", 1000, transfer(20))});
    CHECK_FALSE(views.data[0]);
    CHECK(views.incomplete == "c");
}

TEST_CASE("a file that lacks what came to the next one is no proof of loss")
{
    auto between = transfer(10);
    std::erase_if(between, [](const Packet &each) { return each.length > 0; });
    auto arrived = transfer(0);
    const TwoViews views = views_of(
        {point("c", 1000, arrived), point("m", 1000, between), point("s", 1000, transfer(20))});
    CHECK(views.points == std::vector<std::string>{"c", "m", "s"});
    CHECK_FALSE(views.data[0]);
    CHECK(views.incomplete == "m");
}

TEST_CASE("beyond a file's last packet nothing is certain")
{
    const std::vector<Packet> asked{
        {100, true, TT_SYN, 100}, {1000, true, TT_SYN, 100}, {3000, true, TT_SYN, 100}};
    SECTION("within its time: lost")
    {
        PathView view{point("c", 3000, asked), point("s", 5000, {})};
        const TwoViews views = views_of(view);
        REQUIRE(views.syns);
        CHECK(views.syns->covered);
        CHECK(views.syns->packets == 3);
        CHECK(views.syns->to_responder);
    }
    SECTION("it holds other packets, all of them before: no word")
    {
        CHECK_FALSE(views_of({point("c", 3000, asked), point("s", 50, {})}).syns);
    }
    SECTION("it holds no packet at all: lost, if it was running")
    {
        PointView empty = point("s", 0, {});
        empty.is_empty = true;
        const TwoViews views = views_of({point("c", 3000, asked), empty});
        REQUIRE(views.syns);
        CHECK_FALSE(views.syns->covered);
    }
}

TEST_CASE("a stall after the other file's last packet may be loss; progress is none")
{
    auto sent = transfer(0);
    lose(sent, 501);
    lose(sent, 1501);
    lose(sent, 2501);
    auto seen = sent;
    sent.push_back({700, true, TT_ACK, 101, 501, 600});
    sent.push_back({900, true, TT_ACK, 101, 501, 600});
    for (Packet &each : seen)
        each.at_ms += each.from_client ? 1 : 0;
    SECTION("nothing came back after it")
    {
        const TwoViews views = views_of({point("c", 900, sent), point("s", 41, seen)});
        REQUIRE(views.data[1]);
        CHECK_FALSE(views.data[1]->covered);
        CHECK(views.data[1]->packets == 2);
    }
    SECTION("the server answered: the file had ended")
    {
        sent.push_back({950, false, TT_ACK, 501, 701});
        CHECK_FALSE(views_of({point("c", 950, sent), point("s", 41, seen)}).data[1]);
    }
}

TEST_CASE("a reset that only the receiver's side holds was made between")
{
    auto cut = transfer(0);
    cut.push_back({200, false, TT_RST | TT_ACK, 3501, 101});
    const TwoViews views = views_of({point("c", 1000, cut), point("s", 1000, transfer(20))});
    REQUIRE(views.made_reset);
    CHECK_FALSE(views.made_reset->to_responder);
    CHECK_FALSE(views.reset_everywhere);

    auto sent = transfer(20);
    sent.push_back({180, false, TT_RST | TT_ACK, 3501, 101});
    const TwoViews both = views_of({point("c", 1000, cut), point("s", 1000, sent)});
    CHECK_FALSE(both.made_reset);
    CHECK(both.reset_everywhere);
}

TEST_CASE("pieces of one capture, which share no packet, are not compared")
{
    const auto all = transfer(0);
    const std::vector<Packet> first(all.begin(), all.begin() + 3);
    const std::vector<Packet> second(all.begin() + 3, all.end());
    CHECK_FALSE(compare_views({point("1", 40, first), point("2", 102, second, 100)}));
    CHECK_FALSE(compare_views({point("1", 40, first)}));
}

TEST_CASE("copies are counted by bytes: offload cuts them as it likes")
{
    const PointView whole = point("c", 9, {{0, true, TT_ACK, 1, 1, 3000}});
    const PointView pieces = point("s", 9,
                                   {{1, true, TT_ACK, 1, 1, 1000},
                                    {1, true, TT_ACK, 1001, 1, 1000},
                                    {1, true, TT_ACK, 2001, 1, 1000}});
    CHECK(missing_copies(whole.segments, pieces.segments, 1).bytes == 0);
    CHECK(missing_copies(pieces.segments, whole.segments, 1).segments == 0);

    const PointView twice = point("c", 9,
                                  {{0, true, TT_ACK, 1, 1, 1000},
                                   {5, true, TT_ACK, 1, 1, 1000},
                                   {6, true, TT_ACK, 1001, 1, 1000}});
    const MissingCopies missing =
        missing_copies(twice.segments, std::span(pieces.segments).first(1), 1);
    CHECK(missing.segments == 2);
    CHECK(missing.absent == 1);
    CHECK(missing.bytes == 2000);
}

TEST_CASE("copies are counted where sequence numbers begin again at 0")
{
    const PointView sent =
        point("c", 9, {{0, true, TT_ACK, 0xfffffc18, 1, 1000}, {1, true, TT_ACK, 0, 1, 1000}});
    const MissingCopies missing =
        missing_copies(sent.segments, std::span(sent.segments).first(1), 0xfffffc18);
    CHECK(missing.segments == 1);
    CHECK(missing.bytes == 1000);
}
