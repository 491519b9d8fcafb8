// SPDX-License-Identifier: Apache-2.0
// TCP options as tcpdump 4.99.3 printed them for the same bytes.
#include "render/tcp_options.h"

#include <catch2/catch_test_macros.hpp>

#include <tcptrace/segment.h>

#include <array>
#include <vector>

using namespace tcptrace;

namespace {

using Raw = std::vector<std::uint8_t>;

// `flags`: MPTCP options mean different things on SYN and later.
std::string text_of(const Raw &options, std::uint8_t flags = TT_ACK, std::uint32_t origin = 0)
{
    std::string out = "[";
    append_tcp_options(out, Bytes(options), options.size(), flags, origin, true);
    return out;
}

Raw counted_up(Raw start, std::size_t size)
{
    for (std::uint8_t next = 1; start.size() < size; next++)
        start.push_back(next);
    return start;
}

} // namespace

TEST_CASE("the options that every connection carries")
{
    CHECK(text_of({2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7}) ==
          "[mss 1460,sackOK,TS val 1 ecr 2,nop,wscale 7]");
    CHECK(text_of({1, 1, 1, 0, 5, 5}) == "[nop,nop,nop,eol]");
    CHECK(text_of({5, 10, 0, 0, 0, 9, 0, 0, 0, 20}, TT_ACK, 2) == "[sack 1 {7:18}]");
    CHECK(text_of({5, 2}) == "[sack 0 ]");
    CHECK(text_of({5, 9, 1, 1, 1, 1, 1, 1, 1}) == "[sack invalid sack]");
}

TEST_CASE("rare options")
{
    CHECK(text_of({6, 6, 1, 2, 3, 4}) == "[echo 16909060]");
    CHECK(text_of({13, 6, 1, 2, 3, 4}) == "[ 16909060]"); // tcpdump has no name for it
    CHECK(text_of({20, 4, 1, 2}) == "[scps cap 01 id 2]");
    CHECK(text_of({28, 4, 0x80, 0x01}) == "[uto 0x8001 983040]");
    CHECK(text_of({28, 4, 0, 5}) == "[uto 0x5 120]");
    CHECK(text_of({29, 6, 1, 2, 0xab, 0xcd}) == "[tcp-ao keyid 1 rnextkeyid 2 mac 0xabcd]");
    CHECK(text_of({29, 3, 1}) == "[tcp-ao (invalid)]");
    CHECK(text_of({34, 2}) == "[tfo  cookiereq]");
    CHECK(text_of({34, 6, 1, 2, 3, 4}) == "[tfo  cookie 01020304]");
    CHECK(text_of({34, 5, 1, 2, 3}) == "[tfo  (invalid)]");
    CHECK(text_of({254, 4, 0xf9, 0x89}) == "[exp-tfo cookiereq]");
    CHECK(text_of({254, 6, 1, 2, 3, 4}) == "[exp-0102]");
    CHECK(text_of({27, 4, 0xab, 0xcd}) == "[unknown-27 0xabcd]");
    CHECK(text_of({9, 2}) == "[unknown-9]");
    CHECK(text_of(counted_up({19, 18}, 18)) ==
          "[md5 shared secret not supplied with -M, can't check - "
          "0102030405060708090a0b0c0d0e0f10]");
}

TEST_CASE("options that contradict their length")
{
    CHECK(text_of({200, 1}) == "[[bad opt]");
    CHECK(text_of({200, 50, 1, 1}) == "[[bad opt]");
    CHECK(text_of({1, 200, 0}) == "[nop,[bad opt]]");
    CHECK(text_of({8, 6, 1, 1, 1, 1}) == "[TS[bad opt]");
    CHECK(text_of({254, 3, 1}) == "[exp[bad opt]");
    CHECK(text_of({2, 3, 5, 0}) == "[mss 1280[len 3]]");
    CHECK(text_of({8, 12, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}) ==
          "[TS val 16843009 ecr 16843009[len 12],nop,nop]");
}

TEST_CASE("options cut by the capture")
{
    const std::array<std::uint8_t, 3> some{2, 4, 5};
    std::string out;
    CHECK(append_tcp_options(out, Bytes(some), 8, TT_SYN, 0, false) == OptionsEnd::Cut);
    CHECK(out == "mss [|tcp]");
}

TEST_CASE("MPTCP")
{
    CHECK(text_of({30, 4, 0x01, 0x81}, TT_SYN) == "[mptcp 4 capable v1 csum]");
    CHECK(text_of(counted_up({30, 12, 0x01, 0x81}, 12), TT_SYN) ==
          "[mptcp 12 capable v1 csum {0x102030405060708}]");
    CHECK(text_of(counted_up({30, 20, 0x01, 0x01}, 20)) ==
          "[mptcp 20 capable v1 {0x102030405060708,0x90a0b0c0d0e0f10}]");
    CHECK(text_of({30, 4, 0x02, 0}, TT_SYN) == "[mptcp 4 capable Unknown Version (2)]");
    CHECK(text_of({30, 4, 0x01, 0}) == "[mptcp 4 capable[bad opt]");
    CHECK(text_of(counted_up({30, 12, 0x11, 0x81}, 12), TT_SYN) ==
          "[mptcp 12 join backup id 129 token 0x1020304 nonce 0x5060708]");
    CHECK(text_of(counted_up({30, 24, 0x10, 0}, 24)) ==
          "[mptcp 24 join hmac 0x0102030405060708090a0b0c0d0e0f1011121314]");
    CHECK(text_of(counted_up({30, 20, 0x20, 0x05}, 20)) ==
          "[mptcp 20 dss ack 16909060 seq 84281096 subseq 151653132 len 3342 csum 0xf10]");
    CHECK(text_of({30, 4, 0x20, 0x11}) == "[mptcp 4 dss fin ack [bad opt]");
    CHECK(text_of(counted_up({30, 10, 0x30, 9}, 10)) == "[mptcp 10 add-addr v1 id 9 1.2.3.4:1286]");
    CHECK(text_of({30, 4, 0x40, 9}) == "[mptcp 4 rem-addr id 9]");
    CHECK(text_of({30, 4, 0x51, 9}) == "[mptcp 4 prio backup id 9]");
    CHECK(text_of(counted_up({30, 12, 0x60, 0}, 12)) == "[mptcp 12 fail seq 72623859790382856]");
    CHECK(text_of(counted_up({30, 12, 0x70, 0}, 12)) ==
          "[mptcp 12 fast-close key 0x102030405060708]");
    CHECK(text_of({30, 3, 0x90}) == "[mptcp 3 unknown]");
    CHECK(text_of({30, 2}) == "[mptcp[bad opt]");
}
