// SPDX-License-Identifier: Apache-2.0
// Lines of random, bent and cut packets: nothing is read outside of them (run under
// AddressSanitizer, each packet in an allocation of its own size).
#include "render/packet_line.h"
#include "render/packet_printer.h"
#include "support/capture.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <memory>
#include <random>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

// A quoted packet as RFC 4884 wants it: padded to 128 bytes, objects behind.
ByteVector extended(ByteVector quoted)
{
    const ByteVector objects{0x20, 0, 0, 0, 0, 8, 1, 1, 0, 0, 0x11, 1, 0, 6, 2, 1, 9, 9};
    quoted.resize(128);
    quoted.insert(quoted.end(), objects.begin(), objects.end());
    return quoted;
}

std::vector<ByteVector> seeds()
{
    const auto syn =
        tcp_packet({.destination_port = 80, .options = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0,  0,
                                                        1, 0, 0, 0,   2, 1, 3, 3,  7, 34, 2}});
    const auto data = tcp_packet({.source = "fd00::1",
                                  .destination = "fd00::2",
                                  .destination_port = 8080,
                                  .flags = TT_PSH | TT_ACK,
                                  .options = {30, 8, 0x20, 1, 1, 2, 3, 4, 5, 10, 0, 0},
                                  .payload = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
    const auto ssh =
        tcp_packet({.source_port = 22, .flags = TT_RST | TT_ACK, .payload = "SSH-2.0-x\r\n"});
    std::vector<ByteVector> all{syn, data, ssh, icmp_packet("10.0.0.1", "10.0.0.2", 3, 3, 0, syn),
                                icmp_packet("fd00::3", "fd00::1", 1, 4, 0, data)};
    for (const std::uint8_t type : ByteVector{0, 5, 9, 11, 12, 14, 18})
        all.push_back(icmp_packet("10.0.0.1", "10.0.0.2", type, 0, 0x02020000, extended(syn)));
    // Counts of records and sources, lengths of options: whatever the message takes them for.
    const ByteVector body{3, 4, 64, 0xe0, 0, 0, 0, 1, 25, 3, 0, 0,    31, 2, 1,  'a', 0, 0, 0, 0,
                          0, 0, 0,  0,    5, 1, 0, 0, 0,  0, 5, 0xdc, 24, 3, 64, 8,   0, 0, 0, 0};
    for (unsigned type = 128; type <= 148; type++)
        all.push_back(icmp_packet("fd00::3", "fd00::1", static_cast<std::uint8_t>(type), 0,
                                  0x00030002, body));
    for (const char *name : {"udp.pcap", "dns.pcap"}) {
        const auto capture =
            read_capture(std::filesystem::path(TCPTRACE_SOURCE_DIR) / "tests/golden" / name);
        REQUIRE(capture);
        for (const Frame &frame : capture->frames)
            all.push_back(frame.bytes);
    }
    return all;
}

// Prints it in every style; the length says that it was printed at all.
std::size_t print_all(const ByteVector &packet, std::uint32_t wire_length, std::uint16_t offset)
{
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[packet.size()]);
    std::copy(packet.begin(), packet.end(), exact.get());
    PacketView view;
    view.bytes = {exact.get(), packet.size()};
    view.wire_length = wire_length;
    view.link = TT_LINK_RAW;
    view.segment.network_offset = offset;
    std::size_t printed = packet_line(view, {}).size();
    for (const LineOptions &options :
         {LineOptions{.dump = Dump::HexAscii}, LineOptions{.verbosity = 1},
          LineOptions{.verbosity = 2}, LineOptions{.verbosity = 3}, LineOptions{.quick = true}}) {
        std::string out;
        PacketPrinter(options).append(out, view, 0, "");
        printed += out.size();
    }
    return printed;
}

} // namespace

TEST_CASE("cut packets")
{
    for (const ByteVector &seed : seeds())
        for (std::size_t size = 1; size <= seed.size(); size++)
            CHECK(print_all({seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size)},
                            static_cast<std::uint32_t>(seed.size()), 0) > 0);
}

TEST_CASE("bent packets")
{
    const std::vector<ByteVector> all = seeds();
    std::mt19937 random(20260102); // the same packets on every run
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };

    for (int round = 0; round < 8000; round++) {
        ByteVector packet = all[below(all.size())];
        for (std::size_t change = 0; change <= below(6); change++)
            packet[below(packet.size())] = static_cast<std::uint8_t>(below(256));
        packet.resize(1 + below(packet.size()));
        REQUIRE(print_all(packet, static_cast<std::uint32_t>(below(200)),
                          static_cast<std::uint16_t>(below(3))) > 0);
    }
}

TEST_CASE("random bytes")
{
    std::mt19937 random(20260103);
    std::uniform_int_distribution<unsigned> byte(0, 255);

    for (int round = 0; round < 4000; round++) {
        ByteVector packet(1 + byte(random));
        for (std::uint8_t &b : packet)
            b = static_cast<std::uint8_t>(byte(random));
        packet[0] = round % 2 ? 0x45 : 0x60;
        REQUIRE(print_all(packet, 1500, 0) > 0);
    }
}
