// SPDX-License-Identifier: Apache-2.0
#include "render/diagnosis_text.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <ctime>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::uint64_t noon = 1'767'355'200 * TT_NSEC_PER_SEC; // 2026-01-02T12:00:00Z

Diagnosis several()
{
    Diagnosis diagnosis;
    diagnosis.id = "syn_timeout";
    diagnosis.cause = "no_reply";
    diagnosis.confidence = Confidence::Likely;
    diagnosis.count = 12;
    diagnosis.first_ns = 1 * TT_NSEC_PER_SEC;
    diagnosis.last_ns = 70 * TT_NSEC_PER_SEC;
    diagnosis.source = address("10.244.1.5");
    diagnosis.destination = address("10.244.2.8");
    diagnosis.destination_port = 5432;
    diagnosis.what = "SYN sent 4 times; nothing came back";
    diagnosis.why = "nothing here says why";
    diagnosis.advice = {"look at the other side", "ping 10.244.2.8"};
    diagnosis.examples = {{{address("10.244.1.5"), 40000}, {address("10.244.2.8"), 5432}},
                          {{address("10.244.1.5"), 40001}, {address("10.244.2.8"), 5432}}};
    const auto packet = tcp_packet({.source = "10.244.1.5", .destination = "10.244.2.8"});
    PacketView view = view_of(packet);
    view.time_ns = 1 * TT_NSEC_PER_SEC;
    diagnosis.evidence.emplace_back(view);
    view.time_ns = 2 * TT_NSEC_PER_SEC;
    diagnosis.evidence.emplace_back(view);
    return diagnosis;
}

std::string text_of(const Diagnosis &diagnosis, bool colour = false)
{
    setenv("TZ", "UTC", 1);
    tzset();
    std::string out;
    append_diagnosis(out, diagnosis, {.line = {}, .wall_offset_ns = noon, .colour = colour});
    return out;
}

} // namespace

TEST_CASE("a diagnosis of several connections")
{
    CHECK(
        text_of(several()) ==
        R"(✗ syn_timeout  10.244.1.5 → 10.244.2.8:5432               12 connections, first 12:00:01, last 12:01:10
  What    SYN sent 4 times; nothing came back
  Cause   nothing here says why (likely)
  Next    look at the other side
          ping 10.244.2.8
  Example 10.244.1.5:40000 → 10.244.2.8:5432
          10.244.1.5:40001 → 10.244.2.8:5432
  Packets 12:00:01.000000 IP 10.244.1.5.1000 > 10.244.2.8.2000: Flags [S], seq 1, win 512, length 0
          12:00:02.000000 IP 10.244.1.5.1000 > 10.244.2.8.2000: Flags [S], seq 1, win 512, length 0
)");
}

TEST_CASE("a diagnosis of one connection, with as little as possible")
{
    Diagnosis diagnosis;
    diagnosis.id = "one_way_view";
    diagnosis.severity = Severity::Notice;
    diagnosis.count = 1;
    diagnosis.source = address("2001:db8::1");
    diagnosis.source_port = 40000;
    diagnosis.destination = address("2001:db8::2");
    diagnosis.destination_port = 443;
    CHECK(text_of(diagnosis) == "i one_way_view  [2001:db8::1]:40000 → [2001:db8::2]:443   "
                                "1 connection, at 12:00:00\n");
}

TEST_CASE("ends that its connections do not share")
{
    Diagnosis diagnosis;
    diagnosis.id = "syn_timeout";
    diagnosis.severity = Severity::Warning;
    diagnosis.count = 2;
    diagnosis.destination_port = 80;
    CHECK(text_of(diagnosis).starts_with(
        "! syn_timeout  several clients → several servers, port 80"));
}

TEST_CASE("records lost while it was made are told")
{
    Diagnosis diagnosis = several();
    diagnosis.records_lost = 1;
    CHECK(text_of(diagnosis).ends_with(
        "  Lost    1 record while this was made: it may be more, or less\n"));
}

TEST_CASE("colour only when told")
{
    CHECK(text_of(several()).find('\x1b') == std::string::npos);
    CHECK(text_of(several(), true).starts_with("\x1b[1;31m✗\x1b[0m \x1b[1;31msyn_timeout\x1b[0m"));
}

TEST_CASE("who: between where it died and why")
{
    Diagnosis diagnosis = several();
    diagnosis.count = 1;
    diagnosis.where = "on this node";
    diagnosis.who = "pid 4242 api";
    const std::string text = text_of(diagnosis);
    CHECK(text.contains("  Where   on this node\n"
                        "  Who     pid 4242 api\n"
                        "  Cause   nothing here says why (likely)\n"));
    diagnosis.who.clear();
    CHECK_FALSE(text_of(diagnosis).contains("Who"));
}
