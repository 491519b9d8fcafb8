// SPDX-License-Identifier: Apache-2.0
// Each hook on a frame of its own: what it says of where the frame was seen and of its
// first bytes, and what is counted when there is nothing to say.
#include "support/frames.h"
#include "support/kernel_side.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

ByteVector ethernet(const ByteVector &packet, unsigned vlan_tags = 0)
{
    ByteVector frame{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
    for (unsigned i = 0; i < vlan_tags; i++)
        frame.insert(frame.end(), {0x81, 0x00, 0x00, static_cast<std::uint8_t>(i + 1)});
    const bool ipv6 = packet[0] >> 4 == 6;
    frame.insert(frame.end(), {static_cast<std::uint8_t>(ipv6 ? 0x86 : 0x08),
                               static_cast<std::uint8_t>(ipv6 ? 0xdd : 0)});
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
}

const ByteVector syn = tcp_packet({.flags = TT_SYN});
const ByteVector data = tcp_packet({.flags = TT_ACK | TT_PSH, .acknowledgment = 5, .payload = "x"});

bool head_is(const tt_record &record, const ByteVector &frame)
{
    const std::size_t length = std::min<std::size_t>(frame.size(), TT_HEAD_MAX);
    return record.head_length == length &&
           std::equal(record.head, record.head + length, frame.begin());
}

} // namespace

TEST_CASE("each hook says what it saw, where and which way")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    struct Case {
        tt_hook hook;
        tt_link link;
        tt_way way;
    };
    for (const Case &at : {Case{TT_HOOK_TC_INGRESS, TT_LINK_ETHERNET, TT_IN},
                           Case{TT_HOOK_TC_EGRESS, TT_LINK_ETHERNET, TT_OUT},
                           Case{TT_HOOK_TC_INGRESS, TT_LINK_RAW, TT_IN},
                           Case{TT_HOOK_TC_EGRESS, TT_LINK_RAW, TT_OUT},
                           Case{TT_HOOK_XDP, TT_LINK_ETHERNET, TT_IN}}) {
        INFO("hook " << at.hook << " link " << at.link);
        KernelSide kernel(test_settings());
        const ByteVector frame = at.link == TT_LINK_RAW ? syn : ethernet(syn);
        const auto &heard =
            kernel.see({.frame = frame, .hook = at.hook, .link = at.link, .now_ns = 77});
        REQUIRE(heard.size() == 1);
        const tt_record &record = heard[0].record;
        CHECK(heard[0].evidence);
        CHECK(record.time_ns == 77);
        CHECK(record.witness == TT_WITNESS_WIRE);
        CHECK(record.hook == at.hook);
        CHECK(record.link == at.link);
        CHECK(record.way == at.way);
        CHECK(record.netns == test_settings().netns);
        CHECK(record.key.ifindex == 1);
        CHECK(record.wire_length == frame.size());
        CHECK(record.segment.flags == TT_SYN);
        CHECK(record.finding.signs == TT_SIGN_CONNECTION);
        CHECK(head_is(record, frame));
        CHECK(kernel.counters().connections == 1);
        CHECK(kernel.shared().watched == 1);
    }
}

TEST_CASE("headers are found behind VLAN tags and IPv6 extensions")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    KernelSide kernel(test_settings());
    const ByteVector v6 =
        tcp_packet({.source = "fd00::1", .destination = "fd00::2", .flags = TT_SYN});
    ByteVector extended(v6.begin(), v6.begin() + 40);
    extended[6] = 60; // destination options
    extended[5] = static_cast<std::uint8_t>(extended[5] + 16);
    extended.insert(extended.end(), {0, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0});
    extended.insert(extended.end(), v6.begin() + 40, v6.end());

    for (unsigned tags = 0; tags <= TT_VLAN_TAGS_MAX; tags++) {
        for (const ByteVector &packet : {syn, v6, extended}) {
            for (const tt_hook hook : {TT_HOOK_TC_INGRESS, TT_HOOK_XDP}) {
                const ByteVector frame = ethernet(packet, tags);
                const auto &heard = kernel.see({.frame = frame, .hook = hook});
                INFO(tags << " tags, " << packet.size() << " bytes, hook " << hook);
                REQUIRE(heard.size() == 1);
                CHECK(heard[0].record.segment.network_offset == 14 + 4 * tags);
                CHECK(heard[0].record.segment.flags == TT_SYN);
                CHECK(head_is(heard[0].record, frame));
            }
        }
    }
    CHECK(kernel.see({.frame = ethernet(syn, TT_VLAN_TAGS_MAX + 1)}).empty());
    CHECK(kernel.counters().skip_not_ip == 1);
}

TEST_CASE("what is let go or skipped is counted under its name")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    tt_settings settings = test_settings();
    settings.depth = TT_DEPTH_NOTABLE;
    KernelSide kernel(settings);
    const ByteVector arp(46);
    ByteVector cut = ethernet(data);
    cut.resize(14 + 20 + 19);
    ByteVector fragment = data;
    fragment[6] = 0x20; // more fragments
    ByteVector short_header = syn;
    short_header[20 + 12] = 0x10; // a TCP header of 4 bytes
    const ByteVector udp = ip_packet("10.0.0.1", "10.0.0.2", 17, ByteVector(8));
    ByteVector arp_frame = ethernet(arp);
    arp_frame[12] = 8;
    arp_frame[13] = 6;

    const auto quiet = [&](const ByteVector &frame) {
        CHECK(kernel.see({.frame = frame}).empty());
    };
    quiet(ethernet(data));
    quiet(arp_frame);
    quiet(ethernet(udp));
    quiet(ethernet(fragment));
    quiet(cut);
    quiet(ethernet(short_header));
    quiet(ethernet(tcp_packet({.flags = TT_FIN | TT_ACK})));
    const tt_counters counters = kernel.counters();
    CHECK(counters.packets_seen == 7);
    CHECK(counters.segments_let_go == 1);
    CHECK(counters.skip_not_ip == 1);
    CHECK(counters.skip_not_tcp == 1);
    CHECK(counters.skip_fragment == 1);
    CHECK(counters.skip_truncated == 1);
    CHECK(counters.skip_malformed == 1);
    CHECK(counters.skip_unknown_flow == 1);
    CHECK(counters.segments_classified == 0);
}

TEST_CASE("at depth notable resets and ICMP errors of unknown flows are told, and kept nowhere")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    tt_settings settings = test_settings();
    settings.depth = TT_DEPTH_NOTABLE;
    KernelSide kernel(settings, 16);
    const ByteVector reset = ethernet(tcp_packet({.flags = TT_RST}));
    const ByteVector error = ethernet(icmp_packet("10.0.0.254", "10.0.0.1", 3, 1, 0, syn));

    const auto &told = kernel.see({.frame = reset});
    REQUIRE(told.size() == 1);
    CHECK(told[0].record.finding.anomalies == TT_RESET);
    CHECK(told[0].record.finding.stage == TT_STAGE_UNKNOWN);
    const auto &errors = kernel.see({.frame = error});
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].record.finding.anomalies == TT_ICMP_ERROR);
    CHECK(errors[0].record.key.port[0] == 1000);
    CHECK(errors[0].record.key.port[1] == 2000);
    for (const tt_flow_set &set : kernel.flow_sets())
        CHECK(std::ranges::count(set.tag, 0U) == TT_FLOW_PLACES);
    CHECK(kernel.shared().watched == 0);
}

TEST_CASE("a full ring loses records, and they are counted")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    KernelSide kernel(test_settings());
    const ByteVector frame = ethernet(tcp_packet({.flags = TT_RST}));
    constexpr unsigned sent = 4000; // 1 MiB holds about 1,700
    const std::size_t heard = kernel.see_many({.frame = frame}, sent).size();

    CHECK(heard > 1000);
    CHECK(heard < sent);
    CHECK(kernel.counters().records_lost == sent - heard);
    CHECK(kernel.counters().packets_seen == sent);
}
