// SPDX-License-Identifier: Apache-2.0
// Filters about what a tunnel carries: `vxlan [VNI] and ...`, and --inner.
#include "filter/packet_filter.h"
#include "filter/vxlan_expression.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>
#include <pcap/dlt.h>

using namespace tcptrace;
using test::ByteVector;

namespace {

void append(ByteVector &to, const ByteVector &more)
{
    to.insert(to.end(), more.begin(), more.end());
}

ByteVector behind_ethernet(const ByteVector &packet, bool ipv6 = false)
{
    ByteVector frame(12, 2);
    append(frame, ipv6 ? ByteVector{0x86, 0xdd} : ByteVector{0x08, 0x00});
    append(frame, packet);
    return frame;
}

// Of a UDP datagram from port 5000.
ByteVector udp(std::uint16_t port, const ByteVector &payload)
{
    const auto length = static_cast<std::uint16_t>(8 + payload.size());
    ByteVector datagram{0x13,
                        0x88,
                        static_cast<std::uint8_t>(port >> 8),
                        static_cast<std::uint8_t>(port),
                        static_cast<std::uint8_t>(length >> 8),
                        static_cast<std::uint8_t>(length),
                        0,
                        0};
    append(datagram, payload);
    return datagram;
}

// 10.9.0.1 to 10.9.0.2 inside, 10.0.0.1 to 10.0.0.2 (or their likes of IPv6) outside.
ByteVector inner_packet()
{
    return test::tcp_packet({.source = "10.9.0.1",
                             .destination = "10.9.0.2",
                             .source_port = 40000,
                             .destination_port = 80});
}

ByteVector vxlan(std::uint8_t vni, bool ipv6 = false)
{
    ByteVector payload{8, 0, 0, 0, 0, 0, vni, 0};
    append(payload, behind_ethernet(inner_packet()));
    return behind_ethernet(
        ipv6 ? test::ip_packet("2001:db8::1", "2001:db8::2", 17, udp(4789, payload))
             : test::ip_packet("10.0.0.1", "10.0.0.2", 17, udp(4789, payload)),
        ipv6);
}

bool matches(const char *expression, const ByteVector &frame, Inner inner = Inner::No)
{
    INFO(expression);
    const auto filter = PacketFilter::compile(expression, DLT_EN10MB, inner);
    REQUIRE(filter);
    return filter->matches(frame, static_cast<std::uint32_t>(frame.size()));
}

std::string refusal(const char *expression)
{
    const auto filter = PacketFilter::compile(expression, DLT_EN10MB);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().status == Status::Usage);
    return filter.error().message;
}

} // namespace

TEST_CASE("vxlan: what stands before it is about the outer packet, what follows about the inner")
{
    const ByteVector frame = vxlan(7);
    for (const char *yes :
         {"vxlan", "vxlan 7", "vxlan 0x7", "host 10.0.0.1 and vxlan", "vxlan and host 10.9.0.1",
          "vxlan 7 and tcp port 80", "udp && vxlan 7 && tcp", "vxlan and (udp or port 80)",
          "icmp or udp and vxlan 7 and not port 22", "(vxlan 7)", "not (vxlan 8)",
          "host 10.0.0.2 and vxlan and tcp[13] = 2", "vxlan and less 54"})
        CHECK(matches(yes, frame));
    for (const char *no :
         {"vxlan 8", "not vxlan", "host 10.9.0.1 and vxlan", "vxlan and host 10.0.0.1",
          "vxlan 7 and udp", "vxlan 8 and tcp", "!vxlan"})
        CHECK_FALSE(matches(no, frame));
    CHECK_FALSE(matches("vxlan and tcp", behind_ethernet(inner_packet())));
}

TEST_CASE("vxlan over IPv6 is vxlan")
{
    const ByteVector frame = vxlan(9, true);
    CHECK(matches("ip6 and vxlan 9 and tcp port 80", frame));
    CHECK_FALSE(matches("vxlan 8", frame));
    CHECK_FALSE(matches("ip and vxlan", frame));
}

TEST_CASE("a vxlan that cannot be taken apart is refused with the form that can")
{
    for (const char *wrong : {"vxlan or tcp", "vxlan and tcp or udp", "not vxlan and tcp",
                              "(vxlan and tcp)", "geneve and vxlan and tcp"})
        CHECK(refusal(wrong).contains("about the packet inside"));
    CHECK(refusal("vxlan 16777216").contains("24 bits"));
    CHECK(refusal("vxlan 1 and vxlan 2").contains("more than one"));
    CHECK(refusal("vxlan and tcp prot 80").contains("syntax error"));
    CHECK_FALSE(PacketFilter::compile("vxlan 7 and tcp", DLT_EN10MB, Inner::Yes));
}

TEST_CASE("an expression without the word stays as it is")
{
    const std::string expression = "tcp[13]&7!=0 and (host 1.2.3.4||port 80)";
    const auto parts = split_at_vxlan(expression);
    REQUIRE(parts);
    CHECK(parts->outer == expression);
    CHECK(parts->inner.empty());
}

TEST_CASE("a VXLAN packet cut short carries nothing to be matched")
{
    const ByteVector whole = vxlan(7);
    for (std::size_t length = 0; length < whole.size(); length++) {
        const ByteVector frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
        const bool has_ports = length >= 14 + 20 + 8 + 8 + 14 + 20 + 4;
        CHECK(matches("vxlan and port 80", frame) == has_ports);
        CHECK(matches("port 80", frame, Inner::Yes) == has_ports);
    }
}

TEST_CASE("--inner asks the packet inside, whatever the tunnel")
{
    const ByteVector inside = inner_packet();
    ByteVector geneve{0, 0, 0x65, 0x58, 0, 0, 5, 0};
    append(geneve, behind_ethernet(inside));
    ByteVector gre{0, 0, 8, 0};
    append(gre, inside);
    const auto outside = [](std::uint8_t protocol, const ByteVector &payload) {
        return behind_ethernet(test::ip_packet("10.0.0.1", "10.0.0.2", protocol, payload));
    };
    for (const ByteVector &frame : {vxlan(7), vxlan(7, true), outside(17, udp(6081, geneve)),
                                    outside(47, gre), outside(4, inside)}) {
        for (const char *yes : {"host 10.9.0.1", "tcp dst port 80", "tcp[tcpflags] = tcp-syn",
                                "not udp", "ip[9] = 6", "len < 60"})
            CHECK(matches(yes, frame, Inner::Yes));
        for (const char *no : {"host 10.0.0.1", "udp", "ip6", "port 4789", "arp"})
            CHECK_FALSE(matches(no, frame, Inner::Yes));
    }
    CHECK_FALSE(matches("tcp", behind_ethernet(inside), Inner::Yes));
}
