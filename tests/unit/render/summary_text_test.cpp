// SPDX-License-Identifier: Apache-2.0
#include "render/summary_text.h"
#include "render/verdict.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;

namespace {

Summary healthy()
{
    Summary summary;
    summary.time_ns = 31 * TT_NSEC_PER_SEC;
    summary.first_ns = 1 * TT_NSEC_PER_SEC;
    summary.packets = 18203;
    summary.connections = 412;
    summary.handshake = Percentiles{.p50 = 0.0001, .p90 = 0.0002, .p99 = 0.0004, .count = 400};
    summary.counters.packets_seen = 18203;
    summary.counters.segments_let_go = 17000;
    summary.counters.segments_classified = 1203;
    return summary;
}

std::string text_of(const Summary &summary, tt_depth depth = TT_DEPTH_NOTABLE, bool colour = false)
{
    std::string out;
    append_summary(out, summary, depth, colour);
    return out;
}

StartInfo start_info(const char *source)
{
    StartInfo info;
    info.source = source;
    return info;
}

StartInfo live_info()
{
    StartInfo info = start_info("live");
    info.kernel = "6.1.0";
    info.interfaces = {"eth0", "lo"};
    info.filter = "port 80";
    info.depth = TT_DEPTH_NOTABLE;
    info.unavailable = {"no BTF: no stack events"};
    return info;
}

} // namespace

TEST_CASE("healthy, with the figures that say so")
{
    CHECK(text_of(healthy()) ==
          "✓ healthy: 412 connections, 18,203 packets in 30.0 s, handshake p50 0.1 ms p99 0.4 ms, "
          "0 anomalies, nothing lost\n");
    Summary summary = healthy();
    summary.handshake.reset();
    summary.events = {{"duplicate_ack", 2}, {"retransmission", 3}};
    summary.diagnoses = {{"one_way_view", 1}};
    CHECK(text_of(summary) ==
          "✓ healthy: 412 connections, 18,203 packets in 30.0 s, 5 anomalies (3 retransmission, "
          "2 duplicate_ack), 1 notice (1 one_way_view), nothing lost\n");
    CHECK(text_of(healthy(), TT_DEPTH_NOTABLE, true).starts_with("\x1b[1;32m✓ healthy\x1b[0m: "));
}

TEST_CASE("faults, the most frequent first")
{
    Summary summary = healthy();
    summary.faults = 3;
    summary.diagnoses = {{"packet_loss", 1}, {"syn_timeout", 2}};
    summary.events = {{"syn_retransmission", 6}};
    CHECK(text_of(summary) ==
          "✗ 3 faults: 2 syn_timeout, 1 packet_loss\n"
          "  412 connections, 18,203 packets in 30.0 s, handshake p50 0.1 ms p99 0.4 ms, "
          "6 anomalies (6 syn_retransmission), nothing lost\n");
    summary.records_lost = 2;
    summary.counters.sweep_over_budget = 1;
    CHECK(text_of(summary).ends_with(
        "2 records lost\n  there may be more: 2 records lost; 1 unanswered SYN not told one by "
        "one\n"));
}

TEST_CASE("healthy is not said of what was not seen whole")
{
    Summary lossy = healthy();
    lossy.records_lost = 17;
    CHECK(verdict_of(lossy) == RunVerdict::Undecided);
    CHECK(text_of(lossy).starts_with(
        "? no fault found, yet not called healthy: 17 records lost\n  412 connections, "));

    Summary damaged = healthy();
    damaged.interrupted = true;
    CHECK(verdict_of(damaged) == RunVerdict::Undecided);
    CHECK(text_of(damaged).find("the input is damaged") != std::string::npos);

    Summary crowded = healthy();
    crowded.counters.flows_no_room = 1;
    CHECK(verdict_of(crowded) == RunVerdict::Undecided);
}

TEST_CASE("nothing seen, nothing claimed")
{
    Summary summary;
    CHECK(verdict_of(summary) == RunVerdict::NothingSeen);
    CHECK(text_of(summary) == "? nothing to judge: no TCP packet was seen\n");
    summary.packets = 1204;
    CHECK(text_of(summary) ==
          "? nothing to judge: no TCP packet was seen (1,204 packets of other kinds)\n");
    CHECK(text_of(Summary{}, TT_DEPTH_STACK) ==
          "? nothing to judge: the kernel's TCP told of no anomaly, and depth stack sees no "
          "healthy packet\n");
}

TEST_CASE("closing counters, as tcpdump's, and ours")
{
    Summary summary = healthy();
    summary.events = {{"reset", 1}};
    std::string out;
    append_closing_counters(out, summary);
    CHECK(out == "18203 packets captured\n18203 packets received by filter\n"
                 "0 packets dropped by kernel\n1 event, 0 records lost\n");
}

TEST_CASE("every counter by name")
{
    std::string out;
    append_counters(out, healthy().counters);
    CHECK(out.starts_with("       18203 packets_seen\n"));
    CHECK(out.find(" 0 records_lost\n") != std::string::npos);
}

TEST_CASE("the first line")
{
    std::string out;
    append_start(out, live_info());
    CHECK(out == "listening on eth0, lo, depth notable, filter port 80\n"
                 "note: no BTF: no stack events\n");
    out.clear();
    append_start(out, start_info("a.pcap"));
    CHECK(out == "reading from file a.pcap, depth sequence\n");
}
