// SPDX-License-Identifier: Apache-2.0
// Values of the Community ID specification and of FIPS 180-4.
#include "render/community_id.h"
#include "render/sha1.h"
#include "render/text.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <string_view>

using namespace tcptrace;
using test::address;

namespace {

std::string sha1_of(std::string_view text)
{
    std::string out;
    append_hex(out, sha1({reinterpret_cast<const std::uint8_t *>(text.data()), text.size()}));
    return out;
}

constexpr std::uint8_t udp = 17;

} // namespace

TEST_CASE("SHA-1")
{
    CHECK(sha1_of("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK(sha1_of("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(sha1_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    CHECK(sha1_of(std::string(1'000'000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("Community ID, the same for both directions")
{
    const Endpoint client{address("192.168.1.42"), 4242};
    const Endpoint server{address("8.8.8.8"), 53};
    CHECK(community_id(client, server, udp) == "1:vTdrngJjlP5eZ9mw9JtnKyn99KM=");
    CHECK(community_id(server, client, udp) == "1:vTdrngJjlP5eZ9mw9JtnKyn99KM=");

    const Endpoint a{address("128.232.110.120"), 34855};
    const Endpoint b{address("66.35.250.204"), 80};
    CHECK(community_id(a, b) == "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");

    const Endpoint six{address("2001:470:e5bf:dead:4957:2174:e82c:4887"), 63943};
    const Endpoint other{address("2607:f8b0:400c:c03::1a"), 25};
    CHECK(community_id(six, other) == "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=");
}

TEST_CASE("one address on both sides: the ports decide")
{
    const Endpoint low{address("127.0.0.1"), 80};
    const Endpoint high{address("127.0.0.1"), 40000};
    CHECK(community_id(low, high) == community_id(high, low));
}
