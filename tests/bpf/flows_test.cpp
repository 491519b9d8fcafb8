// SPDX-License-Identifier: Apache-2.0
// The flow table in the kernel: what is watched is counted right and let go again, the
// sweep tells of each unanswered SYN once, and a flood changes neither bounds nor sums.
#include "support/frames.h"
#include "support/kernel_side.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::uint64_t second = TT_NSEC_PER_SEC;

// One side of one connection says something; the client is the host under watch.
struct Words {
    std::uint16_t port = 1000; // the client's
    bool from_client = true;
    std::uint8_t flags = TT_SYN;
    std::uint16_t window = 512;
    std::uint32_t sequence = 100;
    std::uint32_t acknowledgment = 0;
};

const std::vector<Heard> &say(KernelSide &kernel, const Words &words, std::uint64_t now)
{
    TcpFrame frame{.flags = words.flags,
                   .sequence = words.sequence,
                   .acknowledgment = words.acknowledgment,
                   .window = words.window};
    frame.source_port = words.port;
    if (!words.from_client) {
        std::swap(frame.source, frame.destination);
        std::swap(frame.source_port, frame.destination_port);
    }
    const ByteVector packet = tcp_packet(frame);
    return kernel.see({.frame = packet,
                       .hook = words.from_client ? TT_HOOK_TC_EGRESS : TT_HOOK_TC_INGRESS,
                       .link = TT_LINK_RAW,
                       .now_ns = now});
}

std::uint64_t count_watched(const KernelSide &kernel)
{
    std::uint64_t watched = 0;
    for (const tt_flow_set &set : kernel.flow_sets())
        for (unsigned place = 0; place < TT_FLOW_PLACES; place++)
            watched += set.tag[place] && set.state[place].watch ? 1 : 0;
    return watched;
}

tt_settings notable()
{
    tt_settings settings = test_settings();
    settings.depth = TT_DEPTH_NOTABLE;
    settings.damp = 1;
    settings.evidence = 0;
    return settings;
}

Words random_words(std::mt19937 &random)
{
    static constexpr std::uint8_t flags[] = {TT_SYN, TT_SYN | TT_ACK, TT_ACK, TT_ACK,
                                             TT_ACK, TT_ACK | TT_FIN, TT_RST, TT_RST | TT_ACK};
    return {.port = static_cast<std::uint16_t>(1000 + random() % 200),
            .from_client = random() % 2 == 0,
            .flags = flags[random() % std::size(flags)],
            .window = static_cast<std::uint16_t>(random() % 3 == 0 ? 0 : 512),
            .sequence = static_cast<std::uint32_t>(100 + random() % 2),
            .acknowledgment = static_cast<std::uint32_t>(random() % 2)};
}

} // namespace

TEST_CASE("the count of watched flows follows random traffic and ends at nothing")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    std::mt19937 random(20261123);
    KernelSide kernel(notable(), 256); // 200 flows: some give way to others
    std::uint64_t now = second;

    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 100; i++)
            say(kernel, random_words(random), now += 1'000'000);
        CHECK(kernel.shared().watched == count_watched(kernel));
        if (round % 5 == 0) {
            kernel.sweep(now);
            CHECK(kernel.shared().watched == count_watched(kernel));
        }
    }
    CHECK(kernel.counters().flows_evicted > 0);
    for (std::uint16_t port = 1000; port < 1200; port++)
        say(kernel, {.port = port, .flags = TT_RST | TT_ACK}, now);
    CHECK(count_watched(kernel) == 0);
    CHECK(kernel.shared().watched == 0);
}

TEST_CASE("a sweep corrects a count that drifted")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    KernelSide kernel(notable(), 64);

    say(kernel, {.port = 1}, second);
    say(kernel, {.port = 2}, second);
    for (const std::uint64_t wrong : {0ULL, 1ULL, 7ULL, ~0ULL}) {
        kernel.shared().watched = wrong;
        kernel.sweep(second + 1);
        CHECK(kernel.shared().watched == 2);
    }
}

TEST_CASE("a SYN without an answer is told once, an answer to it once")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    KernelSide kernel(notable(), 64);

    CHECK(say(kernel, {}, second).empty());
    CHECK(kernel.sweep(2 * second - 1).empty());
    const auto &told = kernel.sweep(2 * second);
    REQUIRE(told.size() == 1);
    const tt_record &record = told[0].record;
    CHECK(record.hook == TT_HOOK_SWEEP);
    CHECK(record.finding.anomalies == TT_SYN_UNANSWERED);
    CHECK(record.finding.number == 1);
    CHECK(record.finding.elapsed_ns == second);
    CHECK(record.way == TT_OUT);
    CHECK(record.segment.flags == TT_SYN);
    CHECK(record.segment.sequence == 100);
    CHECK(record.head_length == 0);
    CHECK(record.wire_length == 0);
    CHECK(record.key.port[record.sender] == 1000);
    CHECK(record.state.initiator == record.sender);
    CHECK(kernel.sweep(3 * second).empty());
    CHECK(kernel.shared().watched == 1);

    const auto &answered =
        say(kernel, {.from_client = false, .flags = TT_SYN | TT_ACK, .acknowledgment = 101},
            4 * second);
    REQUIRE(answered.size() == 1);
    CHECK(answered[0].record.finding.anomalies == 0);
    CHECK((answered[0].record.finding.signs & TT_SIGN_ANSWERED) != 0);
    CHECK(
        say(kernel, {.flags = TT_ACK, .sequence = 101, .acknowledgment = 101}, 4 * second).empty());
    CHECK(kernel.shared().watched == 0);
    CHECK(kernel.sweep(9 * second).empty());
}

TEST_CASE("a watch is given up in the end, and a healthy flow is not looked at")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    KernelSide kernel(notable(), 64);

    say(kernel, {}, second);
    kernel.sweep(10 * second);
    kernel.sweep(200 * second);
    CHECK(kernel.shared().watched == 0);

    say(kernel, {.port = 2000}, 201 * second);
    say(kernel,
        {.port = 2000, .from_client = false, .flags = TT_SYN | TT_ACK, .acknowledgment = 101},
        201 * second + 2'000'000);
    say(kernel, {.port = 2000, .flags = TT_ACK, .sequence = 101, .acknowledgment = 101},
        201 * second + 4'000'000);
    CHECK(kernel.shared().watched == 0);
    const auto shown = kernel.counters().segments_classified;
    say(kernel, {.port = 2000, .flags = TT_ACK, .sequence = 101, .acknowledgment = 101},
        202 * second);
    CHECK(kernel.counters().segments_classified == shown);
    CHECK(kernel.counters().segments_let_go == 1);
    const auto times = kernel.handshakes();
    CHECK(times[tt_histogram_bucket(4'000'000)] == 1);
    CHECK(std::ranges::count(times, 0U) == TT_HISTOGRAM_BUCKETS - 1);
}

TEST_CASE("a sweep tells as much as its budget, and counts the rest")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    tt_settings settings = notable();
    settings.sweep_budget = 10;
    KernelSide kernel(settings, 1024);

    for (std::uint16_t port = 1; port <= 50; port++)
        say(kernel, {.port = port}, second);
    CHECK(kernel.sweep(3 * second).size() == 10);
    CHECK(kernel.counters().sweep_over_budget == 40);
    CHECK(kernel.sweep(4 * second).empty());
}

TEST_CASE("a flood of SYNs evicts what is closed first, then idle, then old; nothing else breaks")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    constexpr std::uint32_t places = 256;
    KernelSide kernel(notable(), places);
    std::uint64_t now = second;
    std::uint64_t told = 0;

    for (unsigned i = 0; i < 20'000; i++) {
        const auto port = static_cast<std::uint16_t>(1 + i);
        told += say(kernel, {.port = port, .sequence = i + 1}, now += 1000).size();
    }
    CHECK(told == 0);
    const tt_counters counters = kernel.counters();
    CHECK(counters.connections == 20'000);
    CHECK(counters.segments_classified == 20'000);
    CHECK(counters.flows_no_room == 0);
    // Each SYN has a place or has pushed another out of it; none stands twice.
    CHECK(counters.flows_evicted >= 20'000 - places);
    CHECK(kernel.shared().watched == count_watched(kernel));
    CHECK(kernel.shared().watched == 20'000 - counters.flows_evicted);
    CHECK(kernel.sweep(now + 2 * second).size() == kernel.shared().watched);
}
