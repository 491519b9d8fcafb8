// SPDX-License-Identifier: Apache-2.0
#include "render/mark.h"
#include "support/capture.h"
#include "support/frames.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};
constexpr Said synack{
    .from_client = false, .flags = TT_SYN | TT_ACK, .sequence = 900, .acknowledgment = 101};
constexpr Said ack{.sequence = 101, .acknowledgment = 901};

std::string mark_of(const Observation &observation)
{
    std::string out;
    append_mark(out, observation, observation.record.finding.anomalies);
    return out;
}

// Of a finding that no short story leads to.
std::string mark_of(std::uint32_t anomalies, std::uint32_t number, std::uint64_t elapsed_ns)
{
    tt_record record{};
    record.finding.anomalies = anomalies;
    record.finding.number = number;
    record.finding.elapsed_ns = elapsed_ns;
    return mark_of(Observation{.record = record});
}

} // namespace

TEST_CASE("a SYN again, and its silence")
{
    Story story;
    story.at(0, syn);
    CHECK(mark_of(story.at(1001, syn)) == "  «syn_retransmission #1, 1.001 s, no SYN-ACK»");
    CHECK(mark_of(story.silence(1500)) ==
          "  «syn_unanswered, no answer for 1.500 s, sent 2 times»");
}

TEST_CASE("a SYN again although it was answered")
{
    Story story;
    story.at(0, syn);
    story.at(900, synack);
    CHECK(mark_of(story.at(1001, syn)) == "  «syn_retransmission #1, 1.001 s»");
}

TEST_CASE("a SYN-ACK again")
{
    Story story;
    story.at(0, syn);
    story.at(0.1, synack);
    CHECK(mark_of(story.at(1001.1, synack)) == "  «synack_retransmission #1, 1.001 s, no ACK»");
}

TEST_CASE("resets say when they came")
{
    Story refused;
    refused.at(0, syn);
    refused.at(1000, syn);
    CHECK(mark_of(refused.at(
              1000.2, {.from_client = false, .flags = TT_RST | TT_ACK, .acknowledgment = 101})) ==
          "  «reset, stage syn, 0.2 ms after the SYN»");

    Story late;
    late.at(0, syn);
    late.at(1, synack);
    late.at(2, ack);
    late.at(3, {.flags = TT_PSH | TT_ACK, .sequence = 101, .acknowledgment = 901, .length = 10});
    CHECK(mark_of(late.at(3000, {.from_client = false, .flags = TT_RST, .sequence = 901})) ==
          "  «reset, stage data, 3.000 s after the first segment»");
}

TEST_CASE("data again")
{
    Story story;
    const Said data{.flags = TT_PSH | TT_ACK, .sequence = 101, .acknowledgment = 901, .length = 10};
    story.at(0, syn);
    story.at(1, synack);
    story.at(2, ack);
    story.at(3, data);
    CHECK(mark_of(story.at(206.4, data)) == "  «retransmission #1, after 203.4 ms»");
    story.at(207, {.from_client = false, .sequence = 901, .acknowledgment = 111});
    CHECK(mark_of(story.at(208, data)) == "  «spurious_retransmission #2, already acknowledged»");
}

TEST_CASE("a window's edges, damped")
{
    Story story;
    story.settings.damp = 1;
    const Said closed{.from_client = false, .sequence = 901, .acknowledgment = 101, .window = 0};
    Said open = closed;
    open.window = 100;
    story.at(0, syn);
    story.at(1, synack);
    story.at(2, ack);
    CHECK(mark_of(story.at(10, closed)) == "  «zero_window»");
    story.at(20, closed);
    story.at(30, closed);
    CHECK(mark_of(story.at(2020, open)) == "  «window_update, closed for 2.010 s (+2 suppressed)»");
}

TEST_CASE("a keep-alive into a closed window is a probe")
{
    Story story;
    const Said data{.flags = TT_PSH | TT_ACK, .sequence = 101, .acknowledgment = 901, .length = 10};
    const Said alive{.sequence = 110, .acknowledgment = 901};
    story.at(0, syn);
    story.at(1, synack);
    story.at(2, data);
    CHECK(mark_of(story.at(3, alive)) == "  «keep_alive»");
    story.at(4, {.from_client = false, .sequence = 901, .acknowledgment = 111, .window = 0});
    CHECK(mark_of(story.at(204, alive)) == "  «keep_alive, probes the closed window»");
}

TEST_CASE("an ICMP error says what, and who said it")
{
    Classifier classifier(TT_LINK_RAW);
    const auto packet = tcp_packet({.source = "10.0.0.9", .destination = "10.0.0.8"});
    const auto error = icmp_packet("10.0.0.1", "10.0.0.9", 3, 4, 1300, packet);
    const Frame frame{error, static_cast<std::uint32_t>(error.size()), 5};
    tt_record record{};
    REQUIRE(classifier.classify(frame, record));
    CHECK(mark_of(Observation{.record = record, .frame = frame.bytes}) ==
          "  «icmp_error, fragmentation needed, mtu 1300, from 10.0.0.1»");
}

TEST_CASE("several anomalies of one segment tell each figure once")
{
    CHECK(mark_of(TT_RETRANSMISSION | TT_WINDOW_FULL, 3, 400 * TT_NSEC_PER_MSEC) ==
          "  «retransmission #3, after 400.0 ms; window_full»");
    CHECK(mark_of(TT_RETRANSMISSION | TT_ZERO_WINDOW, 1, 2 * TT_NSEC_PER_SEC) ==
          "  «retransmission #1; zero_window, closed for 2.000 s»");
    CHECK(mark_of(TT_DUPLICATE_ACK, 4, 0) == "  «duplicate_ack #4»");
    CHECK(mark_of(TT_OUT_OF_ORDER, 0, 45'000) == "  «out_of_order, 45 µs late»");
}

TEST_CASE("a drop is told with all that is known of it, and no more")
{
    Story story;
    CHECK(mark_of(story.drop(0, syn, {})) ==
          "  «drop NETFILTER_DROP in nft_do_chain, forward, eth1»");
    CHECK(mark_of(story.drop(0, syn, {.name = {"", "tcp_v4_rcv", ""}, .interface = ""})) ==
          "  «drop in tcp_v4_rcv»");
    CHECK(mark_of(story.drop(0, syn, {.name = {"NO_SOCKET", "", ""}, .suppressed = 7})) ==
          "  «drop NO_SOCKET, eth1 (+7 suppressed)»");
}
