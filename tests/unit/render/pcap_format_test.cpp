// SPDX-License-Identifier: Apache-2.0
// Classic pcap, byte by byte, and what Linux cooked v2 makes of packets.
#include "render/cooked.h"
#include "render/pcap_format.h"

#include <catch2/catch_test_macros.hpp>

#include <bit>
#include <string>
#include <vector>

using namespace tcptrace;

namespace {

using Octets = std::vector<std::uint8_t>;

std::uint32_t number_at(const std::string &file, std::size_t at)
{
    std::uint32_t number = 0;
    REQUIRE(file.size() >= at + sizeof number);
    file.copy(reinterpret_cast<char *>(&number), sizeof number, at);
    return number;
}

// VLAN 5, IPv4.
const Octets ethernet{0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x81, 0x00, 0, 5, 0x08, 0x00, 0x45};

PacketView packet(const Octets &bytes, tt_link link = TT_LINK_ETHERNET)
{
    PacketView view;
    view.bytes = bytes;
    view.wire_length = 100;
    view.link = link;
    view.ifindex = 0x01020304;
    view.way = TT_IN;
    return view;
}

} // namespace

TEST_CASE("a file's header, then time, lengths and bytes of each packet")
{
    std::string file;
    PcapFormat format({.link_type = LINKTYPE_ETHERNET, .snaplen = 262144, .nanoseconds = false});
    format.begin(file);
    format.packet(file, packet(ethernet), 1'700'000'000'123'456'789, {});
    format.end(file, {});
    CHECK(file.size() == 24 + 16 + ethernet.size());
    CHECK(number_at(file, 0) == 0xa1b2c3d4);
    CHECK(number_at(file, 4) == std::bit_cast<std::uint32_t>(std::array<std::uint16_t, 2>{2, 4}));
    CHECK(number_at(file, 16) == 262144);
    CHECK(number_at(file, 20) == 1);
    CHECK(number_at(file, 24) == 1'700'000'000);
    CHECK(number_at(file, 28) == 123'456);
    CHECK(number_at(file, 32) == ethernet.size());
    CHECK(number_at(file, 36) == 100);
    CHECK(file.substr(40) == std::string(ethernet.begin(), ethernet.end()));
}

TEST_CASE("with nanoseconds another magic number and a finer fraction")
{
    std::string file;
    PcapFormat format({.link_type = LINKTYPE_RAW, .snaplen = 10, .nanoseconds = true});
    format.begin(file);
    format.packet(file, packet(ethernet, TT_LINK_RAW), 123'456'789, {});
    CHECK(number_at(file, 0) == 0xa1b23c4d);
    CHECK(number_at(file, 20) == 101);
    CHECK(number_at(file, 28) == 123'456'789);
    CHECK(number_at(file, 32) == 10); // cut to the snapshot length
    CHECK(number_at(file, 36) == 100);
}

TEST_CASE("cooked: the link header is replaced, a VLAN tag stays")
{
    const Octets expected{0x81, 0x00, 0, 0, 1, 2, 3, 4, 0, 1,    0,    6,   0x02,
                          0,    0,    0, 0, 2, 0, 0, 0, 5, 0x08, 0x00, 0x45};
    CHECK(cook(packet(ethernet)) == expected);
    CHECK(cooked_growth(packet(ethernet)) == 6);

    std::string file;
    PcapFormat format({.link_type = LINKTYPE_LINUX_SLL2, .snaplen = 0, .nanoseconds = false});
    format.packet(file, packet(ethernet), 0, {});
    CHECK(number_at(file, 8) == expected.size());
    CHECK(number_at(file, 12) == 106);
    CHECK(file.substr(16) == std::string(expected.begin(), expected.end()));
}

TEST_CASE("cooked: way, kind of packet and of device")
{
    PacketView view = packet(ethernet);
    view.cast = TT_CAST_MULTICAST;
    CHECK(cook(view)[10] == 2);
    view.way = TT_OUT;
    CHECK(cook(view)[10] == 4);

    const Octets loopback(15, 0);
    CHECK(cook(packet(loopback))[8] == 0x03); // ARPHRD_LOOPBACK, 772
    CHECK(cook(packet(loopback))[9] == 0x04);

    const Octets ipv6{0x60, 0, 0, 0};
    const Octets cooked = cook(packet(ipv6, TT_LINK_RAW));
    CHECK((cooked[0] == 0x86 && cooked[1] == 0xdd));
    CHECK((cooked[8] == 0xff && cooked[9] == 0xfe && cooked[11] == 0)); // ARPHRD_NONE, no address
    CHECK(cooked.size() == 24);
}

TEST_CASE("cooked: frames of IEEE 802.3, and frames cut short")
{
    Octets llc = ethernet;
    llc[12] = 0;
    CHECK((cook(packet(llc))[0] == 0 && cook(packet(llc))[1] == 4));
    llc[14] = llc[15] = 0xff;
    CHECK(cook(packet(llc))[1] == 1);
    for (std::size_t length = 0; length <= 14; length++) {
        const Octets cut(ethernet.begin(), ethernet.begin() + static_cast<std::ptrdiff_t>(length));
        CHECK(cook(packet(cut)).size() == 20);
    }
}

TEST_CASE("what is cooked already stays as it is")
{
    std::string file;
    PcapFormat format({.link_type = LINKTYPE_LINUX_SLL2, .snaplen = 0, .nanoseconds = false});
    format.packet(file, packet(ethernet, TT_LINK_SLL2), 0, {});
    CHECK(number_at(file, 8) == ethernet.size());
    CHECK(number_at(file, 12) == 100);
}
