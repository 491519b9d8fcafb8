// SPDX-License-Identifier: Apache-2.0
// A duplicate SACK (RFC 2883) is told from a SACK of a hole, and options cut or damaged
// anywhere are neither.
#include "support/frames.h"

#include <tcptrace/read_segment.h>

#include <catch2/catch_test_macros.hpp>

#include <initializer_list>

using namespace tcptrace;
using test::ByteVector;

namespace {

struct Block {
    std::uint32_t left, right;
};

// As Linux lays them out: behind the timestamps, or first.
ByteVector options(std::initializer_list<Block> blocks, bool timestamps = true)
{
    ByteVector bytes;
    if (timestamps)
        bytes = {TT_OPTION_NOP, TT_OPTION_NOP, TT_OPTION_TIMESTAMPS, 10, 1, 2, 3, 4, 5, 6, 7, 8};
    const auto length = static_cast<std::uint8_t>(2 + 8 * blocks.size());
    bytes.insert(bytes.end(), {TT_OPTION_NOP, TT_OPTION_NOP, TT_OPTION_SACK, length});
    for (const auto &[left, right] : blocks)
        for (const std::uint32_t edge : {left, right})
            for (const int shift : {24, 16, 8, 0})
                bytes.push_back(static_cast<std::uint8_t>(edge >> shift));
    return bytes;
}

tt_segment read(const ByteVector &bytes, std::uint32_t acknowledgment)
{
    tt_segment segment{};
    segment.acknowledgment = acknowledgment;
    tt_read_dsack(bytes.data(), bytes.data() + bytes.size(),
                  static_cast<std::uint32_t>(bytes.size()), &segment);
    return segment;
}

std::uint32_t told(const ByteVector &bytes, std::uint32_t acknowledgment)
{
    return read(bytes, acknowledgment).dsack;
}

} // namespace

TEST_CASE("what is acknowledged already came twice")
{
    CHECK(told(options({{1000, 2000}}), 5000) == 1000);
    CHECK(told(options({{1000, 2000}}, false), 5000) == 1000);
    CHECK(told(options({{1000, 5000}}), 5000) == 1000);
    CHECK(told(options({{0xfffffff0, 10}}), 20) == 0xfffffff0);
}

TEST_CASE("how much came twice")
{
    CHECK(read(options({{1000, 2448}}), 5000).dsack_256 == 5);
    CHECK(read(options({{1000, 1001}}), 5000).dsack_256 == 0);
    CHECK(read(options({{1000, 900000}}), 900000).dsack_256 == 255);
    CHECK(read(options({{2000, 1000}}), 5000).dsack_256 == 255); // a lie costs nothing
}

TEST_CASE("a part of the second block came twice")
{
    CHECK(told(options({{6000, 7000}, {6000, 9000}}), 5000) == 6000);
    CHECK(told(options({{7000, 9000}, {6000, 9000}, {10000, 11000}}), 5000) == 7000);
}

TEST_CASE("a hole is no duplicate")
{
    CHECK(told(options({{6000, 7000}}), 5000) == 0);
    CHECK(told(options({{8000, 9000}, {6000, 7000}}), 5000) == 0);
    CHECK(told(options({{6000, 9000}, {7000, 8000}}), 5000) == 0);
}

TEST_CASE("options cut anywhere, or with a wrong length, tell of no duplicate in what is missing")
{
    const ByteVector whole = options({{6000, 7000}, {6000, 9000}});
    for (std::size_t kept = 0; kept < whole.size(); kept++) {
        const ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(kept));
        CHECK(told(cut, 5000) == 0);
    }
    ByteVector lies = options({{1000, 2000}});
    lies[15] = 2;
    CHECK(told(lies, 5000) == 0);
}

TEST_CASE("a whole segment is read with what it tells")
{
    const ByteVector packet = test::tcp_packet({.flags = TT_ACK,
                                                .sequence = 1,
                                                .acknowledgment = 5000,
                                                .options = options({{1000, 2000}})});
    tt_packet parsed{};
    tt_headers headers{};
    const std::uint8_t *end = packet.data() + packet.size();
    REQUIRE(tt_find_headers(packet.data(), end, static_cast<std::uint32_t>(packet.size()),
                            TT_LINK_RAW, &headers) == TT_PARSED);
    REQUIRE(tt_read_packet(&headers, end, &parsed) == TT_PARSED);
    CHECK(parsed.segment.dsack == 1000);
}
