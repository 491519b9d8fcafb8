// SPDX-License-Identifier: Apache-2.0
// Clocks of files are brought together by what both hold; connections are known again.
#include "source/clock_offsets.h"

#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

using namespace tcptrace;

namespace {

constexpr std::int64_t ms = TT_NSEC_PER_MSEC;
constexpr std::int64_t hour = 3600 * 1000 * ms;
constexpr std::int64_t began = 100 * hour;

// A client with the lower address; `server_port` chooses the connection.
tt_flow_key key_of(std::uint16_t server_port)
{
    tt_flow_key key{};
    key.address[0] = test::address("10.0.0.1").raw;
    key.address[1] = test::address("10.0.0.2").raw;
    key.port[0] = 40000;
    key.port[1] = server_port;
    key.family = TT_IPV4;
    return key;
}

struct Log {
    SegmentLog log{1000};

    // A handshake at a point `late` behind the client, on a clock that is `off`. Port 81 is
    // another connection; 8080 is what a NAT makes of 80.
    Log &handshake(std::uint8_t file, std::int64_t late, std::int64_t off, std::uint16_t port = 80,
                   std::int64_t way = 20 * ms, std::int64_t jam = 0)
    {
        const std::uint32_t first = port == 81 ? 7100 : 100;
        add(file, port, 0, {.sequence = first, .mark = 1, .flags = TT_SYN}, off + late);
        add(file, port, 1,
            {.sequence = 500, .acknowledgment = first + 1, .mark = 2, .flags = TT_SYN | TT_ACK},
            off + 2 * way - late);
        add(file, port, 0,
            {.sequence = first + 1, .acknowledgment = 501, .mark = 3, .flags = TT_ACK},
            off + 2 * way + late + (late ? jam : 0));
        return *this;
    }
    void add(std::uint8_t file, std::uint16_t port, unsigned sender, Sighting segment,
             std::int64_t at)
    {
        segment.time_ns = static_cast<std::uint64_t>(began + at);
        REQUIRE(log.add(file, key_of(port), sender, segment));
    }
    Log &next_file()
    {
        log.begin_file();
        return *this;
    }
};

} // namespace

TEST_CASE("a clock that is wrong is found from both directions")
{
    for (const std::int64_t off : {0 * ms, 500 * ms, -500 * ms, hour, -hour}) {
        Log made;
        made.handshake(0, 0, 0).next_file().handshake(1, 20 * ms, off);
        CHECK(clock_offsets(made.log, 2) == std::vector<std::int64_t>{0, -off});
        Log exchanged;
        exchanged.handshake(0, 20 * ms, off).next_file().handshake(1, 0, 0);
        CHECK(clock_offsets(exchanged.log, 2) == std::vector<std::int64_t>{0, off});
    }
}

TEST_CASE("the packet that queued least counts, and the connection with the shortest way")
{
    Log made;
    made.handshake(0, 0, 0).next_file().handshake(1, 20 * ms, hour, 80, 20 * ms, 700 * ms);
    CHECK(clock_offsets(made.log, 2)[1] == -hour);
}

TEST_CASE("files that share nothing keep their clocks; a third may join them")
{
    Log made;
    made.handshake(0, 0, 0, 80).next_file().handshake(1, 20 * ms, hour, 81);
    CHECK(clock_offsets(made.log, 2)[1] == 0);
    made.next_file().handshake(2, 10 * ms, 5 * ms, 80).handshake(2, 10 * ms, 5 * ms, 81);
    CHECK(clock_offsets(made.log, 3) == std::vector<std::int64_t>{0, -hour, -5 * ms});
}

TEST_CASE("a connection behind a NAT is known by its first sequence number and mark")
{
    Log made;
    made.handshake(0, 0, 0, 80).next_file().handshake(1, 20 * ms, 0, 8080);
    const auto *entries = made.log.find(key_of(80), 100U);
    REQUIRE(entries);
    CHECK(entries->size() == 6);
    CHECK(entries == made.log.find(key_of(8080), 100U));
}

TEST_CASE("two connections of one file are two, even if they begin alike")
{
    Log made;
    made.handshake(0, 0, 0, 80).handshake(0, 0, 0, 8080);
    CHECK(made.log.find(key_of(80), 100U) != made.log.find(key_of(8080), 100U));
}

TEST_CASE("ports used again are another connection")
{
    Log made;
    made.handshake(0, 0, 0);
    made.add(0, 80, 0, {.sequence = 9000, .mark = 7, .flags = TT_SYN}, 5000 * ms);
    REQUIRE(made.log.find(key_of(80), 9000U));
    CHECK(made.log.find(key_of(80), 9000U)->size() == 1);
    CHECK(made.log.find(key_of(80), 100U)->size() == 3);
    CHECK_FALSE(made.log.find(key_of(81), std::nullopt));
}

TEST_CASE("a full log takes no more")
{
    SegmentLog log{1};
    CHECK(log.add(0, key_of(80), 0, {.flags = TT_SYN}));
    CHECK_FALSE(log.add(0, key_of(80), 0, {.flags = TT_SYN}));
}
