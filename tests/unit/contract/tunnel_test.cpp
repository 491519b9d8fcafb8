// SPDX-License-Identifier: Apache-2.0
// TCP is found in every tunnel that tunnel.h names, and a frame cut anywhere is neither
// read beyond its end (the sanitizers watch) nor taken for another packet.
#include "support/frames.h"

#include <tcptrace/read_segment.h>
#include <tcptrace/tunnel.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <memory>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::uint8_t protocol_udp = 17;

ByteVector operator+(ByteVector left, const ByteVector &right)
{
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

ByteVector ethernet(std::uint16_t ethertype, const ByteVector &payload)
{
    return ByteVector(12, 2) +
           ByteVector{static_cast<std::uint8_t>(ethertype >> 8),
                      static_cast<std::uint8_t>(ethertype)} +
           payload;
}

// The port is what tells what is in it.
ByteVector udp(std::uint16_t port, const ByteVector &payload)
{
    return ip_packet("192.0.2.1", "192.0.2.2", protocol_udp,
                     ByteVector{0x80, 0, static_cast<std::uint8_t>(port >> 8),
                                static_cast<std::uint8_t>(port), 0, 0, 0, 0} +
                         payload);
}

ByteVector gre(const ByteVector &header, const ByteVector &payload)
{
    return ip_packet("192.0.2.1", "192.0.2.2", TT_PROTOCOL_GRE, header + payload);
}

struct Example {
    const char *name;
    ByteVector frame;
};

std::vector<Example> examples()
{
    const ByteVector v4 = tcp_packet({.payload = "hello"});
    const ByteVector v6 = tcp_packet({.source = "fd00::1", .destination = "fd00::2"});
    const ByteVector inner = ethernet(TT_ETHERTYPE_IPV4, v4);
    const auto in_ip4 = [](const ByteVector &packet) {
        return ethernet(TT_ETHERTYPE_IPV4, packet);
    };

    return {
        {"PPPoE",
         ethernet(TT_ETHERTYPE_PPPOE,
                  ByteVector{0x11, 0, 0, 1, 0, static_cast<std::uint8_t>(v4.size() + 2), 0, 0x21} +
                      v4 + ByteVector(9, 0))},
        {"MPLS, two labels",
         ethernet(TT_ETHERTYPE_MPLS, ByteVector{0, 1, 0, 64, 0, 2, 1, 64} + v6)},
        {"IPv4 in IPv4", in_ip4(ip_packet("192.0.2.1", "192.0.2.2", TT_PROTOCOL_IPV4, v4))},
        {"IPv6 in IPv4", in_ip4(ip_packet("192.0.2.1", "192.0.2.2", TT_PROTOCOL_IPV6, v6))},
        {"IPv4 in IPv6", ethernet(TT_ETHERTYPE_IPV6,
                                  ip_packet("2001:db8::1", "2001:db8::2", TT_PROTOCOL_IPV4, v4))},
        {"GRE", in_ip4(gre({0, 0, 8, 0}, v4))},
        {"GRE with key and number", in_ip4(gre({0x30, 0, 0x86, 0xdd, 0, 0, 0, 1, 0, 0, 0, 2}, v6))},
        {"GRE with Ethernet", in_ip4(gre({0, 0, 0x65, 0x58}, inner))},
        {"ERSPAN I", in_ip4(gre({0, 0, 0x88, 0xbe}, inner))},
        {"ERSPAN II",
         in_ip4(gre(ByteVector{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1} + ByteVector(8, 0), inner))},
        {"ERSPAN III",
         in_ip4(gre(ByteVector{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1} + ByteVector(12, 0), inner))},
        {"VXLAN", in_ip4(udp(TT_PORT_VXLAN, ByteVector{8, 0, 0, 0, 0, 0, 1, 0} + inner))},
        {"Geneve with an option",
         in_ip4(udp(TT_PORT_GENEVE, ByteVector{1, 0, 0x65, 0x58, 0, 0, 1, 0, 0, 0, 0, 0} + inner))},
        {"GTP-U", in_ip4(udp(TT_PORT_GTP, ByteVector{0x30, 0xff, 0, 0, 0, 0, 0, 1} + v4))},
        {"GTP-U with an extension",
         in_ip4(udp(TT_PORT_GTP,
                    ByteVector{0x34, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0, 0, 0} + v6))},
        {"VXLAN, IPv6 in IPv4 in it",
         in_ip4(udp(TT_PORT_VXLAN,
                    ByteVector{8, 0, 0, 0, 0, 0, 1, 0} +
                        in_ip4(ip_packet("192.0.2.3", "192.0.2.4", TT_PROTOCOL_IPV6, v6))))},
    };
}

int read(const std::uint8_t *begin, std::size_t bytes, std::size_t wire_length, tt_packet &packet)
{
    const std::uint8_t *end = begin + bytes;
    const auto on_wire = static_cast<tt_u32>(wire_length);
    tt_headers headers{};
    int result = tt_find_headers(begin, end, on_wire, TT_LINK_ETHERNET, &headers);

    result = tt_find_inner_headers(begin, end, on_wire, &headers, result);
    if (result != TT_PARSED)
        return result;
    tt_gate(&headers, end, &result);
    return result == TT_PARSED ? tt_read_packet(&headers, end, &packet) : result;
}

} // namespace

TEST_CASE("TCP is found in every kind of tunnel")
{
    for (const Example &example : examples()) {
        INFO(example.name);
        tt_packet packet{};
        REQUIRE(read(example.frame.data(), example.frame.size(), example.frame.size(), packet) ==
                TT_PARSED);
        CHECK(packet.ends.source_port == 1000);
        CHECK(packet.ends.destination_port == 2000);
        CHECK(packet.segment.flags == TT_SYN);
        CHECK(packet.segment.length == (packet.segment.family == TT_IPV4 ? 5U : 0U));
    }
}

TEST_CASE("a tunnel cut anywhere is read to its end and no further")
{
    for (const Example &example : examples()) {
        INFO(example.name);
        for (std::size_t bytes = 0; bytes < example.frame.size(); bytes++) {
            // On the heap in its exact size, so that a byte too far is seen.
            const auto cut = std::make_unique<std::uint8_t[]>(bytes);
            std::copy_n(example.frame.begin(), bytes, cut.get());
            tt_packet packet{};
            if (read(cut.get(), bytes, example.frame.size(), packet) == TT_PARSED)
                CHECK(packet.ends.destination_port == 2000);
        }
    }
}
