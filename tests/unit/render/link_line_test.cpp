// SPDX-License-Identifier: Apache-2.0
// Where a line begins: at the link header, at the segment that an event is about, or behind
// an interface's name. What the headers look like is golden (tests/golden/TESTLIST.link).
#include "render/link_line.h"
#include "render/packet_line.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

ByteVector ethernet(const ByteVector &packet)
{
    ByteVector frame{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
}

std::string link_line(const PacketView &view, const LineOptions &options)
{
    std::string line;
    append_link(line, view, {.options = options});
    return line;
}

constexpr auto segment = "10.0.0.1.1000 > 10.0.0.2.2000: Flags [S], seq 1, win 512, length 0";

} // namespace

TEST_CASE("a tunnel's packet is whole, and the segment within alone")
{
    const auto outer = ethernet(ip_packet("192.0.2.1", "192.0.2.2", 4, tcp_packet({})));
    PacketView view = view_of(outer);
    view.link = TT_LINK_ETHERNET;
    view.segment.network_offset = 14 + 20;

    const std::string inner = std::string("IP ") + segment;
    CHECK(packet_line(view, {}) == inner);
    CHECK(whole_packet_line(view, {}) == "IP 192.0.2.1 > 192.0.2.2: " + inner);
    // -e shows the link header, but the segment's line does not begin there.
    CHECK(packet_line(view, {.link_header = true}) == inner);
    CHECK(whole_packet_line(view, {.link_header = true}) ==
          "02:00:00:00:00:02 > 02:00:00:00:00:01, ethertype IPv4 (0x0800), length 74: "
          "192.0.2.1 > 192.0.2.2: " +
              std::string(segment));
}

TEST_CASE("packets of several interfaces look as -i any captures them")
{
    const auto frame = ethernet(tcp_packet({}));
    PacketView view = view_of(frame);
    view.link = TT_LINK_ETHERNET;
    view.interface = "eth0";
    view.ifindex = 3;
    view.way = TT_OUT;

    CHECK(link_line(view, {.interface_columns = true}) == "eth0  Out IP " + std::string(segment));
    // As long as it would have been behind a cooked header of 20 bytes.
    CHECK(link_line(view, {.link_header = true, .interface_columns = true}) ==
          "eth0  Out ifindex 3 02:00:00:00:00:02 ethertype IPv4 (0x0800), length 60: " +
              std::string(segment));

    const auto bare = tcp_packet({}); // of a device without a link header
    PacketView tunnel = view_of(bare);
    tunnel.interface = "wg0";
    tunnel.ifindex = 4;
    tunnel.way = TT_IN;
    CHECK(link_line(tunnel, {.link_header = true, .interface_columns = true}) ==
          "wg0   In  ifindex 4 ethertype IPv4 (0x0800), length 60: " + std::string(segment));
}

TEST_CASE("a cooked frame names its interface by number")
{
    ByteVector frame{8, 0, 0, 0, 0, 0, 0, 7, 0, 1, 3, 6, 2, 0, 0, 0, 0, 2, 0, 0};
    const auto packet = tcp_packet({});
    frame.insert(frame.end(), packet.begin(), packet.end());
    PacketView view = view_of(frame);
    view.link = TT_LINK_SLL2;
    view.ifindex = 7;
    view.way = TT_IN;

    CHECK(link_line(view, {}) == "if7   P   IP " + std::string(segment));
}
