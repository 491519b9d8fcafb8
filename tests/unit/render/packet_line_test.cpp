// SPDX-License-Identifier: Apache-2.0
// Lines as tcpdump 4.99.3 printed them for the same bytes.
#include "render/packet_line.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

std::string line_of(const ByteVector &packet, const LineOptions &options = {},
                    std::uint32_t wire_length = 0)
{
    return packet_line(view_of(packet, wire_length), options);
}

const LineOptions verbose{.verbosity = 1};

} // namespace

TEST_CASE("a SYN and data, over IPv4 and IPv6")
{
    CHECK(line_of(tcp_packet({.options = {2, 4, 5, 180}})) ==
          "IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [S], seq 1, win 512, options [mss 1460], "
          "length 0");
    CHECK(line_of(tcp_packet({.source = "fd00::9",
                              .destination = "fd00::8",
                              .source_port = 4000,
                              .destination_port = 80,
                              .flags = TT_PSH | TT_ACK,
                              .sequence = 5,
                              .acknowledgment = 9,
                              .payload = "abc"})) ==
          "IP6 fd00::9.4000 > fd00::8.80: Flags [P.], seq 5:8, ack 9, win 512, length 3: HTTP");
}

TEST_CASE("an empty segment tells its sequence number from -vv on")
{
    const auto ack = tcp_packet({.flags = TT_ACK, .sequence = 7, .acknowledgment = 8});
    CHECK(line_of(ack) == "IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [.], ack 8, win 512, length 0");
    CHECK(line_of(ack, {.verbosity = 2}) ==
          "IP (tos 0x0, ttl 64, id 1, offset 0, flags [none], proto TCP (6), length 40)\n"
          "    10.0.0.1.1000 > 10.0.0.2.2000: Flags [.], cksum 0x8e0b (correct), seq 7, ack 8, "
          "win 512, length 0");
}

TEST_CASE("flags, in tcpdump's order")
{
    const auto flags = [](std::uint8_t value) {
        std::string line = line_of(tcp_packet({.flags = value, .payload = "x"}));
        const std::size_t open = line.find('[');
        return line.substr(open, line.find(']') + 1 - open);
    };
    CHECK(flags(0) == "[none]");
    CHECK(flags(TT_SYN | TT_ECE | TT_CWR) == "[SEW]");
    CHECK(flags(TT_SYN | TT_ACK | TT_ECE) == "[S.E]");
    CHECK(flags(0xff) == "[FSRP.UEW]");
}

TEST_CASE("numbers relative to their origins, unless -S")
{
    const auto packet = tcp_packet({.flags = TT_PSH | TT_ACK,
                                    .sequence = 1051,
                                    .acknowledgment = 5001,
                                    .options = {5, 10, 0, 0, 0x13, 0x92, 0, 0, 0x13, 0x9c},
                                    .payload = "0123456789"});
    PacketView view = view_of(packet);
    view.relative = true;
    view.sequence_origin = 1000;
    view.ack_origin = 5000;
    CHECK(packet_line(view, {}) ==
          "IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [P.], seq 51:61, ack 1, win 512, options "
          "[sack 1 {10:20},eol], length 10");
    CHECK(packet_line(view, {.absolute_sequence = true}) ==
          "IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [P.], seq 1051:1061, ack 5001, win 512, "
          "options [sack 1 {5010:5020},eol], length 10");
}

TEST_CASE("the first segment of a pair: absolute numbers, but relative SACK edges")
{
    const auto packet = tcp_packet({.flags = TT_ACK,
                                    .sequence = 1,
                                    .acknowledgment = 3,
                                    .options = {5, 10, 0, 0, 0, 9, 0, 0, 0, 20}});
    PacketView view = view_of(packet);
    view.ack_origin = 2;
    CHECK(packet_line(view, {}).ends_with("ack 3, win 512, options [sack 1 {7:18},eol], length 0"));
}

TEST_CASE("what -v says of the IPv4 header")
{
    auto packet = tcp_packet({.flags = TT_ACK});
    packet[1] = 0x02; // ECT(0)
    packet[6] = 0x40; // DF
    packet[8] = 0;    // no ttl
    CHECK(line_of(packet, verbose)
              .starts_with("IP (tos 0x2,ECT(0), id 1, offset 0, flags [DF], proto TCP (6), length "
                           "40, bad cksum "
                           "66cd (->66cb)!)\n    10.0.0.1.1000 > "));
}

TEST_CASE("IPv4 options")
{
    const auto whole = tcp_packet({});
    const ByteVector tcp(whole.begin() + 20, whole.end());
    const auto options = [&](const ByteVector &bytes) {
        const std::string line = line_of(ip_packet("10.0.0.1", "10.0.0.2", 6, tcp, bytes), verbose);
        const std::size_t open = line.find("options");
        return line.substr(open, line.find('\n') - open);
    };
    CHECK(options({148, 4, 0, 0}) == "options (RA))");
    CHECK(options({7, 11, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0}) == "options (RR 1.2.3.4 5.6.7.8,EOL))");
    CHECK(options({68, 12, 5, 0, 0, 0, 0, 1, 0, 0, 0, 2}) ==
          "options (timestamp TS{TSONLY ^ 1@ 2@}))");
    CHECK(options({0x99, 1, 1, 1}) == "options (unknown 153 [bad length 1]))");
}

TEST_CASE("a wrong checksum")
{
    auto packet = tcp_packet({});
    packet.back() ^= 1;
    CHECK(line_of(packet, verbose).find("cksum 0x8e27 (incorrect -> 0x8e26)") != std::string::npos);
}

TEST_CASE("a reset may carry text")
{
    const auto reset = tcp_packet({.flags = TT_RST | TT_ACK, .payload = "No \x01\xff\n\t\x7f t\r"});
    CHECK(line_of(reset, verbose).ends_with("length 11 [RST No ^AM-^?^J^I^? t^M]"));
}

TEST_CASE("IPv6 extension headers come before the ports")
{
    const auto whole = tcp_packet({.source = "fd00::9", .destination = "fd00::8"});
    ByteVector rest{6, 0, 1, 4, 0, 0, 0, 0};
    rest.insert(rest.end(), whole.begin() + 40, whole.end());
    const auto packet = ip_packet("fd00::9", "fd00::8", 0, rest);
    CHECK(line_of(packet) ==
          "IP6 fd00::9 > fd00::8: HBH 1000 > 2000: Flags [S], seq 1, win 512, length 0");
    CHECK(line_of(packet, verbose) ==
          "IP6 (hlim 64, next-header Options (0) payload length: 28) fd00::9 > fd00::8: HBH "
          "(padn) 1000 > 2000: Flags [S], cksum 0xa817 (correct), seq 1, win 512, length 0");
}

TEST_CASE("ICMP errors name what they are about")
{
    const auto quoted = tcp_packet({.source = "10.0.0.9",
                                    .destination = "10.0.0.8",
                                    .source_port = 4000,
                                    .destination_port = 80,
                                    .sequence = 77,
                                    .options = {2, 4, 5, 180}});
    const auto error = [&](std::uint8_t type, std::uint8_t code, std::uint32_t rest) {
        return icmp_packet("10.0.0.1", "10.0.0.2", type, code, rest, quoted);
    };
    const std::string start = "IP 10.0.0.1 > 10.0.0.2: ICMP ";
    CHECK(line_of(error(3, 0, 0)) == start + "net 10.0.0.8 unreachable, length 52");
    CHECK(line_of(error(3, 3, 0)) == start + "10.0.0.8 tcp port 80 unreachable, length 52");
    CHECK(line_of(error(3, 4, 1300)) ==
          start + "10.0.0.8 unreachable - need to frag (mtu 1300), length 52");
    CHECK(line_of(error(3, 13, 0)) ==
          start + "host 10.0.0.8 unreachable - admin prohibited filter, length 52");
    CHECK(line_of(error(11, 0, 0)) == start + "time exceeded in-transit, length 52");
    CHECK(line_of(error(3, 1, 0), verbose) ==
          "IP (tos 0x0, ttl 64, id 1, offset 0, flags [none], proto ICMP (1), length 72)\n"
          "    10.0.0.1 > 10.0.0.2: ICMP host 10.0.0.8 unreachable, length 52\n"
          "\tIP (tos 0x0, ttl 64, id 1, offset 0, flags [none], proto TCP (6), length 44)\n"
          "    10.0.0.9.4000 > 10.0.0.8.80: Flags [S], cksum 0x71d9 (correct), seq 77, win 512, "
          "options [mss 1460], length 0");
}

TEST_CASE("ICMPv6 errors name what they are about")
{
    const auto quoted = tcp_packet({.source = "fd00::9",
                                    .destination = "fd00::8",
                                    .source_port = 4000,
                                    .destination_port = 80});
    const auto error = [&](std::uint8_t type, std::uint8_t code, std::uint32_t rest) {
        return icmp_packet("fd00::1", "fd00::2", type, code, rest, quoted);
    };
    const std::string start = "IP6 fd00::1 > fd00::2: ICMP6, ";
    CHECK(line_of(error(1, 4, 0)) ==
          start + "destination unreachable, unreachable port, fd00::8 tcp port 80, length 68");
    CHECK(line_of(error(1, 1, 0)) ==
          start + "destination unreachable,  unreachable prohibited fd00::8, length 68");
    CHECK(line_of(error(2, 0, 1300)) == start + "packet too big, mtu 1300, length 68");
    CHECK(line_of(error(3, 0, 0), verbose) ==
          "IP6 (hlim 64, next-header ICMPv6 (58) payload length: 68) fd00::1 > fd00::2: "
          "[icmp6 sum ok] ICMP6, time exceeded in-transit for fd00::8");
}

TEST_CASE("packets cut by the capture, or lying about their length")
{
    const auto whole = tcp_packet({.flags = TT_SYN | TT_ACK, .options = {2, 4, 5, 180, 3, 3, 7}});
    const auto length = static_cast<std::uint32_t>(whole.size());
    const auto cut = [&](std::ptrdiff_t bytes) {
        return line_of(ByteVector(whole.begin(), whole.begin() + bytes), {}, length);
    };
    CHECK(cut(18) == "IP  [|ip]");
    CHECK(cut(42).ends_with("win 512, options [mss [|tcp]"));
    CHECK(cut(46).ends_with("win 512, options [mss 1460,wscale [|tcp]>"));
    auto longer = whole;
    longer[2] = 1;
    CHECK(line_of(longer).starts_with("IP truncated-ip - 256 bytes missing! 10.0.0.1.1000 > "));
    auto shorter = whole;
    shorter[3] = 30;
    CHECK(line_of(shorter).ends_with(".1000 > 10.0.0.2.2000:  [|tcp]"));
}

TEST_CASE("without a frame, what is known in the same shape")
{
    PacketView view;
    view.source = {address("10.0.0.1"), 45678};
    view.destination = {address("10.0.0.2"), 8080};
    view.segment.flags = TT_SYN;
    view.segment.sequence = 12345;
    CHECK(packet_line(view, {}) ==
          "IP 10.0.0.1.45678 > 10.0.0.2.8080: Flags [S], seq 12345, length 0");
    view.source.address = address("fd00::1");
    view.segment.flags = TT_PSH | TT_ACK;
    view.segment.length = 10;
    CHECK(packet_line(view, {}) ==
          "IP6 fd00::1.45678 > 10.0.0.2.8080: Flags [P.], seq 12345:12355, length 10");
}

TEST_CASE("the interface and direction of a live line")
{
    const auto packet = tcp_packet({});
    PacketView view = view_of(packet);
    const LineOptions columns{.interface_columns = true};
    view.interface = "eth0";
    view.way = TT_OUT;
    CHECK(packet_line(view, columns).starts_with("eth0  Out IP 10.0.0.1.1000 > "));
    view.interface = "enp0s31f6";
    view.way = TT_IN;
    CHECK(packet_line(view, columns).starts_with("enp0s31f6 In  IP "));
    view.interface = {};
    CHECK(packet_line(view, columns).starts_with("?     In  IP "));
    view.ifindex = 7;
    CHECK(packet_line(view, columns).starts_with("if7   In  IP "));
}

TEST_CASE("an ICMPv6 code that tcpdump has no name for is shown in hex")
{
    const auto error = icmp_packet("fd00::1", "fd00::2", 1, 5, 0, {0x60, 1, 2, 3, 4, 5, 6, 7, 8});
    PacketView view = view_of(error);
    view.segment.family = TT_IPV6;
    CHECK(packet_line(view, {}) ==
          "IP6 fd00::1 > fd00::2: ICMP6, destination unreachable, unknown unreach code (5)\n"
          "\t0x0000:  0105 909a 0000 0000 6001 0203 0405 0607\n"
          "\t0x0010:  08");
}
