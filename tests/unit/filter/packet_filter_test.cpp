// SPDX-License-Identifier: Apache-2.0
#include "filter/culprit.h"
#include "filter/packet_filter.h"
#include "support/frames.h"
#include "support/story.h"

#include <pcap/dlt.h>

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;

namespace {

bool matches(const char *expression, const Observation &observation)
{
    const auto filter = PacketFilter::compile(expression, DLT_EN10MB);
    REQUIRE(filter);
    return filter->matches(observation);
}

// A packet behind an Ethernet header.
test::ByteVector ethernet(const test::TcpFrame &tcp)
{
    const bool ipv6 = tcp.source.contains(':');
    test::ByteVector frame(12);
    frame.push_back(ipv6 ? 0x86 : 0x08);
    frame.push_back(ipv6 ? 0xdd : 0x00);
    const test::ByteVector packet = test::tcp_packet(tcp);
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
}

bool matches(const char *expression, const test::ByteVector &frame, std::uint32_t wire_length = 0)
{
    const auto filter = PacketFilter::compile(expression, DLT_EN10MB);
    REQUIRE(filter);
    return filter->matches(frame,
                           wire_length ? wire_length : static_cast<std::uint32_t>(frame.size()));
}

const test::TcpFrame ipv4{.source_port = 40000, .destination_port = 80, .payload = "hello"};
const test::TcpFrame ipv6{.source = "2001:db8::1",
                          .destination = "2001:db8::2",
                          .source_port = 40000,
                          .destination_port = 443};

} // namespace

TEST_CASE("what was seen without a frame is matched by what is known of it")
{
    test::Story story(40000, 80);
    const Observation &syn = story.at(0, {.flags = TT_SYN, .sequence = 100});
    CHECK(matches("tcp dst port 80", syn));
    CHECK(matches("tcp[tcpflags] & tcp-syn != 0", syn));
    CHECK_FALSE(matches("src port 80", syn));
    CHECK_FALSE(matches("udp", syn));
}

TEST_CASE("an ICMP error belongs to the connection that it quotes, either way")
{
    test::Story story(40000, 80);
    tt_record record = story.at(0, {.flags = TT_SYN, .sequence = 100}).record;
    record.segment.kind = TT_KIND_ICMP_ERROR;
    const Observation error{.record = record};
    CHECK(matches("tcp src port 80", error));
    CHECK(matches("tcp dst port 80", error));
    CHECK_FALSE(matches("port 81", error));
}

TEST_CASE("a syntax error is pointed at")
{
    CHECK(culprit("tcp portt 80", DLT_EN10MB) == "portt");
    CHECK(culprit("(port 80 or host 1.2.3.4) andd tcp", DLT_EN10MB) == "andd");
    CHECK(culprit("tcp and", DLT_EN10MB).empty());
    const auto filter = PacketFilter::compile("tcp portt 80", DLT_EN10MB);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().status == Status::Usage);
    CHECK(filter.error().message.ends_with("syntax error at \"portt\""));
}

TEST_CASE("a frame of IPv4 is matched as libpcap does")
{
    const auto frame = ethernet(ipv4);
    for (const char *yes :
         {"", "tcp", "ip", "port 80", "tcp dst port 80", "src port 40000", "host 10.0.0.1",
          "src host 10.0.0.1 and dst host 10.0.0.2", "net 10.0.0.0/24", "portrange 79-81",
          "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[tcpflags] == tcp-syn"})
        CHECK(matches(yes, frame));
    for (const char *no : {"udp", "ip6", "port 81", "tcp src port 80", "host 10.0.0.3",
                           "src host 10.0.0.2", "not tcp", "tcp[tcpflags] & tcp-rst != 0"})
        CHECK_FALSE(matches(no, frame));
}

TEST_CASE("a frame of IPv6 is matched as libpcap does")
{
    const auto frame = ethernet(ipv6);
    for (const char *yes : {"tcp", "ip6", "port 443", "tcp dst port 443", "host 2001:db8::1",
                            "dst host 2001:db8::2", "net 2001:db8::/32"})
        CHECK(matches(yes, frame));
    for (const char *no : {"ip", "udp", "port 80", "host 2001:db8::3", "src host 2001:db8::2"})
        CHECK_FALSE(matches(no, frame));
}

TEST_CASE("lengths are those on the wire, not of what was captured")
{
    const auto frame = ethernet(ipv4); // 59 bytes
    CHECK(matches("less 59", frame));
    CHECK_FALSE(matches("greater 60", frame));
    CHECK(matches("greater 1000", frame, 1500));
    CHECK_FALSE(matches("less 59", frame, 1500));
}

TEST_CASE("a frame cut before what is asked for does not match")
{
    auto frame = ethernet(ipv4);
    frame.resize(30);
    CHECK_FALSE(matches("port 80", frame, 59));
    CHECK(matches("tcp", frame, 59));
    CHECK_FALSE(matches("tcp", test::ByteVector{}, 59));
}

TEST_CASE("what libpcap refuses is told in its words")
{
    const auto refusal = [](const char *expression) {
        const auto filter = PacketFilter::compile(expression, DLT_EN10MB);
        REQUIRE_FALSE(filter);
        CHECK(filter.error().status == Status::Usage);
        CHECK(filter.error().message.contains(expression));
        return filter.error().message;
    };
    CHECK(refusal("port 70000").contains("70000"));
    CHECK(refusal("tcp and").contains("syntax error at its end"));
    CHECK(refusal("portrange a-b").contains("portrange"));
    CHECK(refusal("vlan foo").contains("foo"));
}

TEST_CASE("a stand-in of IPv6 has its addresses and its length on the wire")
{
    tt_record record{};
    tt_endpoints ends{};
    ends.source = test::address("2001:db8::1").raw;
    ends.destination = test::address("2001:db8::2").raw;
    ends.source_port = 40000;
    ends.destination_port = 443;
    record.sender =
        static_cast<std::uint8_t>(tt_flow_key_make(&record.key, &ends, TT_IPV6, 1, TT_OUT));
    record.segment.family = TT_IPV6;
    record.segment.flags = TT_ACK;
    record.segment.length = 1000;
    const Observation silent{.record = record};
    CHECK(matches("ip6 and tcp", silent));
    CHECK(matches("src host 2001:db8::1 and dst port 443", silent));
    CHECK(matches("tcp[tcpflags] == tcp-ack or ip6[53] == 16", silent));
    CHECK(matches("greater 1074", silent));
    CHECK_FALSE(matches("greater 1075", silent));
    CHECK_FALSE(matches("ip", silent));
    CHECK_FALSE(matches("dst host 2001:db8::1", silent));
}

TEST_CASE("where there is a frame, it is asked and not a stand-in")
{
    test::Story story(40000, 80);
    const auto frame = ethernet(ipv6);
    tt_record record = story.at(0, {.flags = TT_SYN}).record;
    record.wire_length = static_cast<std::uint32_t>(frame.size());
    const Observation seen{.record = record, .frame = frame};
    CHECK(matches("port 443", seen));
    CHECK_FALSE(matches("port 80", seen));
}

TEST_CASE("a frame without link header is matched as such")
{
    test::Story story(40000, 80);
    const test::ByteVector packet = test::tcp_packet(ipv6);
    tt_record record = story.at(0, {.flags = TT_SYN}).record;
    record.wire_length = static_cast<std::uint32_t>(packet.size());
    record.link = TT_LINK_RAW;
    const Observation seen{.record = record, .frame = packet};
    CHECK(matches("port 443", seen));
    CHECK(matches("ip6[6] = 6", seen));
    CHECK_FALSE(matches("port 80", seen));
    CHECK_FALSE(matches("arp", seen)); // libpcap: "expression rejects all packets"
    CHECK_FALSE(matches("not ether host 1:2:3:4:5:6", seen));
}

TEST_CASE("which way a live packet went, and where, is known; of a file it is not")
{
    test::Story story(40000, 80);
    const auto frame = ethernet(ipv4);
    tt_record record = story.at(0, {.flags = TT_SYN}).record;
    record.wire_length = static_cast<std::uint32_t>(frame.size());
    record.key.ifindex = 7;
    for (const tt_way way : {TT_IN, TT_OUT}) {
        record.way = static_cast<tt_u8>(way);
        const Observation packet{.record = record, .frame = frame};
        CHECK(matches("inbound", packet) == (way == TT_IN));
        CHECK(matches("outbound and tcp port 80", packet) == (way == TT_OUT));
        CHECK(matches("ifindex 7 and not udp", packet));
        CHECK_FALSE(matches("ifindex 8", packet));
    }
    const auto of_a_file =
        PacketFilter::compile("inbound", PacketKind{.data_link = DLT_EN10MB, .from_file = true});
    REQUIRE_FALSE(of_a_file);
    CHECK(of_a_file.error().status == Status::Usage);
    CHECK(of_a_file.error().message.contains("not supported on Ethernet when reading savefiles"));
    CHECK(PacketFilter::compile("inbound",
                                PacketKind{.data_link = DLT_LINUX_SLL2, .from_file = true}));
}
