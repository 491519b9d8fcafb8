// SPDX-License-Identifier: Apache-2.0
// What the detectors of failed connections say at their thresholds (docs/detectors.md).
#include "support/judged.h"

using namespace tcptrace;
using namespace tcptrace::test;

TEST_CASE("syn_timeout: three SYNs, or three seconds")
{
    Judged told;
    told.say(0, syn).say(1000, syn);
    CHECK(told.of("syn_timeout", 2999) == "none");
    CHECK(told.of("syn_timeout", 3000) == "no_reply");
    told.say(2000, syn);
    CHECK(told.of("syn_timeout", 2000) == "no_reply");
    told.say(3500, synack);
    CHECK(told.of("syn_timeout", 9000) == "none");
}

TEST_CASE("syn_timeout: when the view ends, a repetition or a second of silence is enough")
{
    CHECK(Judged().say(0, syn).of("syn_timeout", 500, true) == "none");
    CHECK(Judged().say(0, syn).say(400, syn).of("syn_timeout", 500, true) == "no_reply");
    CHECK(Judged().say(0, syn).silence(1000).of("syn_timeout", 1000, true) == "no_reply");
    CHECK(Judged().say(0, syn).silence(1000).of("syn_timeout", 1000) == "none");
}

TEST_CASE("syn_timeout: SYN-ACKs that do not arrive")
{
    Judged told;
    told.say(0, syn).say(1, synack).say(1000, syn);
    CHECK(told.of("syn_timeout", 1000) == "none");
    told.say(1001, synack);
    CHECK(told.of("syn_timeout", 1001) == "synack_lost");
    CHECK(told.say(1500, ack).of("syn_timeout", 9000) == "none");
}

TEST_CASE("an ICMP error says which: unreachable, or rejected, or neither")
{
    struct Row {
        std::uint8_t type, code;
        const char *timeout, *refused;
    };
    for (const Row &row :
         {Row{3, 0, "host_unreachable", "none"}, Row{3, 1, "host_unreachable", "none"},
          Row{11, 0, "host_unreachable", "none"}, Row{3, 3, "none", "rejected_by_firewall"},
          Row{3, 10, "none", "rejected_by_firewall"}, Row{3, 13, "none", "rejected_by_firewall"},
          Row{3, 4, "none", "none"}}) {
        CAPTURE(row.type, row.code);
        Judged told;
        told.say(0, syn).icmp(5, syn, row.type, row.code);
        CHECK(told.of("syn_timeout", 5) == row.timeout);
        CHECK(told.of("connection_refused", 5) == row.refused);
        CHECK(to_string(told.flow().icmp()->from) == "192.0.2.254");
    }
}

TEST_CASE("resets: which detector speaks depends on when they came")
{
    struct Row {
        Judged told;
        const char *refused, *handshake, *data;
    };
    const auto quoted = [] { return std::move(Judged().handshake().say(50, data(101, 10))); };
    Row rows[]{
        {std::move(Judged().say(0, syn).say(1, refusal)), "refused_by_peer", "none", "none"},
        {std::move(Judged().handshake().say(30, reset())), "none", "aborted_by_peer", "none"},
        {std::move(quoted().say(60, reset())), "none", "none", "aborted_by_peer"},
        {std::move(quoted().say(60, reset(true))), "none", "none", "aborted_by_peer"}};
    for (const Row &row : rows) {
        CHECK(row.told.of("connection_refused", 99) == row.refused);
        CHECK(row.told.of("reset_after_handshake", 99) == row.handshake);
        CHECK(row.told.of("reset_after_data", 99) == row.data);
        CHECK(row.told.of("syn_timeout", 9999, true) == "none");
    }
}
