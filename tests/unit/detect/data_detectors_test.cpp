// SPDX-License-Identifier: Apache-2.0
// What the detectors of connections that carry data say at their thresholds
// (docs/detectors.md).
#include "support/judged.h"

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

// 100 bytes at `from`, sent, sent again and then acknowledged.
void lose_once(Judged &judged, double ms, std::uint32_t from)
{
    judged.say(ms, data(from, 100))
        .say(ms + 300, data(from, 100))
        .say(ms + 310, answer(from + 100));
}

} // namespace

TEST_CASE("packet_loss: two copies of different data are none, three are")
{
    Judged judged;
    judged.handshake();
    lose_once(judged, 1000, 101);
    lose_once(judged, 2000, 201);
    CHECK(judged.flow().count(TT_RETRANSMISSION) == 2);
    CHECK(judged.of("packet_loss", 2400) == "none");
    lose_once(judged, 3000, 301);
    CHECK(judged.of("packet_loss", 3400) == "network_loss");
}

TEST_CASE("packet_loss: what the receiver says it had already was not lost")
{
    Judged judged;
    judged.handshake();
    for (const std::uint32_t from : {101, 201, 301}) {
        lose_once(judged, 10.0 * from, from);
        Said twice = answer(from + 100);
        twice.dsack = from;
        judged.say(10.0 * from + 320, twice);
    }
    CHECK(judged.flow().count(TT_RETRANSMISSION) == 3);
    CHECK(judged.flow().sent_for_nothing() == 3);
    CHECK(judged.of("packet_loss", 3400) == "none");
    for (const std::uint32_t from : {401, 501, 601})
        lose_once(judged, 10.0 * from, from);
    CHECK(judged.of("packet_loss", 6400) == "network_loss");
}

TEST_CASE("packet_loss: a word of duplicates about what was never sent again counts for nothing")
{
    Judged judged;
    judged.handshake();
    for (const std::uint32_t from : {101, 201, 301})
        lose_once(judged, 10.0 * from, from);
    Said twice = answer(401);
    for (const std::uint32_t told : {1U, 5000U, 901U}) {
        twice.dsack = told;
        judged.say(3400, twice);
    }
    CHECK(judged.flow().sent_for_nothing() == 0);
    CHECK(judged.of("packet_loss", 3500) == "network_loss");
}

TEST_CASE("packet_loss: three copies among very many segments are none")
{
    Judged judged;
    judged.handshake();
    std::uint32_t at = 101;
    for (int i = 0; i < 10; i++, at += 50000)
        judged.say(100 + 10 * i, data(at, 50000)).say(105 + 10 * i, answer(at + 50000));
    for (int i = 0; i < 3; i++, at += 100)
        lose_once(judged, 1000 + 1000 * i, at);
    CHECK(judged.flow().count(TT_RETRANSMISSION) == 3);
    CHECK(judged.of("packet_loss", 5000) == "none");
}

TEST_CASE("packet_loss: the same data sent three times")
{
    Judged judged;
    judged.handshake().say(1000, data(101, 100)).say(1300, data(101, 100));
    CHECK(judged.of("packet_loss", 1300) == "none");
    judged.say(1900, data(101, 100));
    CHECK(judged.of("packet_loss", 1900) == "network_loss");
    judged.say(3100, data(101, 100));
    CHECK(judged.of("packet_loss", 3100) == "peer_gone");
    judged.say(3110, answer(201));
    CHECK(judged.of("packet_loss", 3110) == "network_loss");
}

TEST_CASE("packet_loss: full segments that never pass")
{
    Judged judged;
    judged.handshake().say(100, data(101, 200)).say(110, answer(301));
    for (const double ms : {1000, 1300, 1900, 3100})
        judged.say(ms, data(301, 1448));
    CHECK(judged.of("packet_loss", 3100) == "mtu_black_hole");
}

TEST_CASE("packet_loss: where as much got through before, the peer is gone")
{
    Judged judged;
    judged.handshake().say(100, data(101, 1448)).say(110, answer(1549));
    for (const double ms : {1000, 1300, 1900, 3100})
        judged.say(ms, data(1549, 1448));
    CHECK(judged.of("packet_loss", 3100) == "peer_gone");
}

TEST_CASE("packet_loss: copies that were not needed, and copies into a closed window, are none")
{
    Judged spurious;
    spurious.handshake().say(100, data(101, 100)).say(110, answer(201));
    for (const double ms : {1000, 1300, 1900, 3100})
        spurious.say(ms, data(101, 100));
    CHECK(spurious.flow().count(TT_SPURIOUS_RETRANSMISSION) == 4);
    CHECK(spurious.of("packet_loss", 4000) == "none");

    Judged closed;
    closed.handshake().say(100, data(101, 100)).say(110, answer(201, 0));
    for (const double ms : {1000, 1300, 1900, 3100})
        closed.say(ms, data(201, 100));
    CHECK(closed.of("packet_loss", 4000) == "none");
}

TEST_CASE("packet_loss: holes and repeated ACKs alone are none: reordering makes them too")
{
    Judged judged;
    judged.handshake().say(100, data(101, 100)).say(105, answer(201));
    for (int hole = 0; hole < 3; hole++) {
        judged.say(200 + 50 * hole, data(301 + 200 * hole, 100));
        for (int asked = 1; asked <= 3; asked++)
            judged.say(200 + 50 * hole + asked, answer(201));
    }
    CHECK(judged.flow().count(TT_LOST_SEGMENT) == 3);
    CHECK(judged.flow().count(TT_DUPLICATE_ACK) == 9);
    CHECK(judged.of("packet_loss", 500) == "none");
}

TEST_CASE("zero_window: closed for 0.9 s is none, for 1.1 s is")
{
    Judged brief;
    brief.handshake().say(1000, answer(101, 0));
    CHECK(brief.of("zero_window", 1999) == "none");
    CHECK(brief.of("zero_window", 2000) == "receiver_not_reading"); // still closed
    brief.say(1900, answer(101, 100));
    CHECK(brief.of("zero_window", 9000) == "none");

    Judged longer;
    longer.handshake().say(1000, answer(101, 0)).say(2100, answer(101, 100));
    CHECK(longer.of("zero_window", 9000) == "receiver_not_reading");
}

TEST_CASE("zero_window: three short closures are a slow receiver, a long one among them is not")
{
    Judged slow;
    slow.handshake();
    for (const double ms : {1000, 2000, 3000}) {
        CHECK(slow.of("zero_window", ms) == "none");
        slow.say(ms, answer(101, 0)).say(ms + 400, answer(101, 100));
    }
    CHECK(slow.of("zero_window", 3400) == "receiver_slow");
    slow.say(5000, answer(101, 0));
    CHECK(slow.of("zero_window", 6999) == "receiver_slow");
    CHECK(slow.of("zero_window", 7000) == "receiver_not_reading");
}

TEST_CASE("a reset after a FIN is how many programs end well")
{
    Judged judged;
    judged.handshake().say(50, data(101, 10)).say(60, answer(111));
    judged.say(70, {.flags = TT_FIN | TT_ACK, .sequence = 111, .acknowledgment = 901});
    judged.say(80, reset());
    CHECK(judged.of("reset_after_data", 99) == "none");
    CHECK(judged.of("reset_after_handshake", 99) == "none");
}

TEST_CASE("one_way_view: an end acknowledges what was not seen, and silence is no time-out then")
{
    Judged from_syn;
    from_syn.say(0, syn);
    CHECK(from_syn.of("one_way_view", 0) == "none");
    from_syn.say(20, ack);
    CHECK(from_syn.of("one_way_view", 20) == "-");
    CHECK(from_syn.of("syn_timeout", 9000, true) == "none");

    Judged middle;
    middle.say(0, data(5000, 100));
    middle.say(500, {.sequence = 5100, .acknowledgment = 1901});
    CHECK(middle.of("one_way_view", 500) == "none");
    middle.say(1600, {.sequence = 5100, .acknowledgment = 2901});
    CHECK(middle.of("one_way_view", 1600) == "-");
}
