// SPDX-License-Identifier: Apache-2.0
// Lines of random, bent, cut and deeply nested frames of every link type: nothing is read
// outside of them (run under AddressSanitizer, each frame in an allocation of its own size).
// Bare IP packets are hostile_bytes_test.cpp's.
#include "render/link_line.h"
#include "render/packet_printer.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <random>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

ByteVector operator+(ByteVector front, const ByteVector &back)
{
    front.insert(front.end(), back.begin(), back.end());
    return front;
}

ByteVector ethernet(std::uint16_t type, const ByteVector &payload)
{
    const ByteVector addresses{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    return addresses +
           ByteVector{static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)} +
           payload;
}

ByteVector udp(std::uint16_t port, const ByteVector &payload)
{
    const std::size_t length = 8 + payload.size();
    return ip_packet("10.0.0.1", "10.0.0.2", 17,
                     ByteVector{0x9c, 0x40, static_cast<std::uint8_t>(port >> 8),
                                static_cast<std::uint8_t>(port),
                                static_cast<std::uint8_t>(length >> 8),
                                static_cast<std::uint8_t>(length), 0, 0} +
                         payload);
}

ByteVector gre(const ByteVector &header, const ByteVector &payload)
{
    return ip_packet("10.0.0.1", "10.0.0.2", 47, header + payload);
}

struct Seed {
    tt_link link;
    ByteVector frame;
};

std::vector<Seed> seeds()
{
    const auto syn = tcp_packet({});
    const auto frame = ethernet(0x0800, syn);
    const ByteVector arp{0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 2,
                         10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
    const ByteVector options{1, 1, 0x80, 1, 'a', 'b', 'c', 'd', 0, 1, 2, 0};
    std::vector<Seed> all{
        {TT_LINK_SLL, ByteVector{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0} + syn},
        {TT_LINK_SLL, ByteVector{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 0x81, 0, 0, 9, 0, 5} +
                          ByteVector{0xaa, 0xaa, 3, 0, 0, 0, 8, 0} + syn},
        {TT_LINK_SLL2,
         ByteVector{8, 0, 0, 0, 0, 0, 0, 7, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0} + syn},
        {TT_LINK_LOOPBACK, ByteVector{2, 0, 0, 0} + syn},
    };
    for (const ByteVector &each : {
             frame,
             ethernet(0x88a8, ByteVector{0x50, 1, 0x81, 0, 0, 2, 8, 0} + syn),
             ethernet(0x0806, arp),
             ethernet(0x8035, arp),
             ethernet(48, ByteVector{0xaa, 0xaa, 3, 0, 0, 0, 8, 0} + syn),
             ethernet(60, ByteVector{0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0} + frame),
             ethernet(8, {0x10, 0x21, 0xbf, 0x81, 1, 2, 0, 0}),
             ethernet(8, {0x10, 0x21, 2, 3, 1, 2, 0, 0}),
             ethernet(0x9999, syn),
             ethernet(0x0800, gre({0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 7, 0, 0, 0, 9}, syn)),
             ethernet(0x0800, gre({0x40, 0, 8, 0, 1,    2,    0, 0, 8, 0, 4, 8, 1, 2, 3, 4,
                                   5,    6, 7, 8, 0xff, 0xfe, 2, 4, 1, 2, 3, 4, 0, 0, 0, 0},
                                  syn)),
             ethernet(0x0800,
                      gre({0x30, 0x81, 0x88, 0x0b, 0, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}, {})),
             ethernet(0x0800, gre({0x20, 0, 0x65, 0x58, 0, 0, 0, 1}, frame)),
             ethernet(0x0800, udp(4789, ByteVector{8, 0, 0, 0, 0, 0, 9, 0} + frame)),
             ethernet(0x0800, udp(4790, ByteVector{12, 0, 0, 3, 0, 0, 9, 0} + frame)),
             ethernet(0x0800,
                      udp(6081, ByteVector{3, 0x40, 0x65, 0x58, 0, 0, 5, 1} + options + frame)),
             ethernet(0x0800, ip_packet("10.0.0.1", "10.0.0.2", 4, syn)),
         })
        all.push_back({TT_LINK_ETHERNET, each});
    return all;
}

// Prints it in every style; the length says that it was printed at all.
std::size_t print_all(tt_link link, const ByteVector &frame, std::uint32_t wire_length)
{
    const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[frame.size()]);
    std::copy(frame.begin(), frame.end(), exact.get());
    PacketView view;
    view.link = link;
    view.bytes = {exact.get(), frame.size()};
    view.wire_length = std::max(wire_length, static_cast<std::uint32_t>(frame.size()));
    std::size_t printed = 0;
    for (const bool link_header : {false, true})
        for (const bool quick : {false, true})
            for (const bool columns : {false, true}) {
                std::string out;
                PacketPrinter({.verbosity = quick ? 0 : 2,
                               .dump = columns ? Dump::Hex : Dump::None,
                               .link_header = link_header,
                               .quick = quick,
                               .interface_columns = columns})
                    .append(out, view, 0, "");
                printed += out.size();
            }
    return printed;
}

} // namespace

TEST_CASE("cut frames")
{
    for (const Seed &seed : seeds())
        for (std::size_t size = 1; size <= seed.frame.size(); size++)
            CHECK(print_all(
                      seed.link,
                      {seed.frame.begin(), seed.frame.begin() + static_cast<std::ptrdiff_t>(size)},
                      static_cast<std::uint32_t>(seed.frame.size())) > 0);
}

TEST_CASE("bent frames")
{
    std::mt19937 random(20260104); // the same frames on every run
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    const auto known = seeds();

    for (int round = 0; round < 3000; round++) {
        Seed seed = known[below(known.size())];
        for (std::size_t change = 0; change <= below(6); change++)
            seed.frame[below(seed.frame.size())] = static_cast<std::uint8_t>(below(256));
        seed.frame.resize(1 + below(seed.frame.size()));
        REQUIRE(print_all(seed.link, seed.frame, static_cast<std::uint32_t>(below(200))) > 0);
    }
}

TEST_CASE("random frames")
{
    std::mt19937 random(20260105);
    std::uniform_int_distribution<unsigned> byte(0, 255);

    for (unsigned round = 0; round < 2000; round++) {
        ByteVector frame(1 + byte(random));
        for (std::uint8_t &b : frame)
            b = static_cast<std::uint8_t>(byte(random));
        REQUIRE(print_all(static_cast<tt_link>(round % 5), frame, 1500) > 0);
    }
}

TEST_CASE("packets within packets end somewhere")
{
    ByteVector ip = tcp_packet({});
    ByteVector vxlan = ethernet(0x0800, ip);
    ByteVector padding(60000, 0x45);
    std::string out;

    for (int level = 0; level < 1000; level++)
        ip = ip_packet("10.0.0.1", "10.0.0.2", level % 2 ? 4 : 47,
                       level % 2 ? ip : ByteVector{0, 0, 8, 0} + ip);
    for (int level = 0; level < 200; level++)
        vxlan = ethernet(0x0800, udp(4789, ByteVector{8, 0, 0, 0, 0, 0, 9, 0} + vxlan));
    for (const ByteVector &frame : {ethernet(0x0800, ip), vxlan, ethernet(0x0800, padding)})
        CHECK(print_all(TT_LINK_ETHERNET, frame, 0) > 0);

    PacketView view = view_of(vxlan);
    view.link = TT_LINK_ETHERNET;
    append_link(out, view, {.options = {}});
    CHECK(out.ends_with("vni 9\n[nested too deep]"));
}
