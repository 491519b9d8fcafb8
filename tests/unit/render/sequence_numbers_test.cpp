// SPDX-License-Identifier: Apache-2.0
// tcpdump's rules of relative numbers, and what bounds them here.
#include "render/sequence_numbers.h"

#include <tcptrace/segment.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace tcptrace;

namespace {

using Addresses = std::array<std::uint8_t, 8>;

constexpr Addresses forth{10, 0, 0, 1, 10, 0, 0, 2};
constexpr Addresses back{10, 0, 0, 2, 10, 0, 0, 1};

// Sequence number 1000 of the end with port 100, 5000 of the one with port 200.
PrintedSegment from_100(std::uint8_t flags, std::uint32_t offset = 0)
{
    return {Bytes(forth), 100, 200, flags, 1000 + offset, 5001};
}
PrintedSegment from_200(std::uint8_t flags, std::uint32_t offset = 0)
{
    return {Bytes(back), 200, 100, flags, 5000 + offset, 1001};
}

} // namespace

TEST_CASE("the first segment of a pair is absolute, both directions then follow it")
{
    SequenceNumbers numbers;

    CHECK_FALSE(numbers.origin_of(from_200(TT_SYN | TT_ACK)).relative);
    const SequenceOrigin client = numbers.origin_of(from_100(TT_ACK, 1));
    CHECK(client.relative);
    CHECK(client.sequence == 1000);
    CHECK(client.ack == 5000);
    const SequenceOrigin server = numbers.origin_of(from_200(TT_ACK, 1));
    CHECK(server.sequence == 5000);
    CHECK(server.ack == 1000);
}

TEST_CASE("SACK edges have an origin even in the first segment")
{
    SequenceNumbers numbers;
    CHECK(numbers.origin_of(from_100(TT_ACK)).ack == 5000);
}

TEST_CASE("SYN-ACK on the same ports begins anew")
{
    SequenceNumbers numbers;
    static_cast<void>(numbers.origin_of(from_200(TT_SYN | TT_ACK)));

    CHECK_FALSE(numbers.origin_of(from_200(TT_SYN | TT_ACK, 70000)).relative);
    CHECK(numbers.origin_of(from_200(TT_ACK, 70001)).sequence == 75000);
}

TEST_CASE("between equal ports the addresses tell the ends apart")
{
    SequenceNumbers numbers;
    PrintedSegment one = from_100(TT_ACK);
    PrintedSegment other = from_200(TT_ACK);
    one.destination_port = other.source_port = 100;

    static_cast<void>(numbers.origin_of(one));
    const SequenceOrigin origin = numbers.origin_of(other);
    CHECK(origin.relative);
    CHECK(origin.sequence == 5000);
}

TEST_CASE("IPv4 and IPv6 ends of the same bytes are two")
{
    SequenceNumbers numbers;
    std::array<std::uint8_t, 32> wide{};
    std::ranges::copy(std::span(forth).first(4), wide.begin());
    std::ranges::copy(std::span(forth).last(4), wide.begin() + 16);
    PrintedSegment v6 = from_100(TT_ACK);
    v6.addresses = Bytes(wide);

    static_cast<void>(numbers.origin_of(from_100(TT_ACK)));
    CHECK_FALSE(numbers.origin_of(v6).relative);
}

TEST_CASE("the connection that was silent longest leaves")
{
    SequenceNumbers numbers(2);
    const auto of_port = [](std::uint16_t port) {
        PrintedSegment segment = from_100(TT_ACK);
        segment.source_port = port;
        return segment;
    };

    static_cast<void>(numbers.origin_of(of_port(1)));
    static_cast<void>(numbers.origin_of(of_port(2)));
    CHECK(numbers.origin_of(of_port(1)).relative);
    CHECK_FALSE(numbers.origin_of(of_port(3)).relative); // 2 left
    CHECK(numbers.origin_of(of_port(1)).relative);
    CHECK_FALSE(numbers.origin_of(of_port(2)).relative);
}
