// SPDX-License-Identifier: Apache-2.0
// pcapng's blocks: each has the lengths it says, interfaces stand before their packets,
// comments of any length fit. That Wireshark reads them is shown by cli.write.
#include "render/pcapng_format.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace tcptrace;

namespace {

struct Block {
    std::uint32_t type;
    std::string body;
};

std::uint32_t number_at(const std::string &bytes, std::size_t at)
{
    std::uint32_t number = 0;
    REQUIRE(bytes.size() >= at + sizeof number);
    bytes.copy(reinterpret_cast<char *>(&number), sizeof number, at);
    return number;
}

std::vector<Block> blocks_of(const std::string &file)
{
    std::vector<Block> blocks;
    for (std::size_t at = 0; at < file.size();) {
        const std::uint32_t length = number_at(file, at + 4);
        REQUIRE(length % 4 == 0);
        REQUIRE(length >= 12);
        REQUIRE(number_at(file, at + length - 4) == length);
        blocks.push_back({number_at(file, at), file.substr(at + 8, length - 12)});
        at += length;
    }
    return blocks;
}

PacketView packet(const std::vector<std::uint8_t> &bytes, std::uint32_t ifindex,
                  std::string_view name, tt_link link = TT_LINK_ETHERNET)
{
    PacketView view;
    view.bytes = bytes;
    view.wire_length = static_cast<std::uint32_t>(bytes.size());
    view.ifindex = ifindex;
    view.interface = name;
    view.link = link;
    return view;
}

const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5};

PcapngFormat format()
{
    return PcapngFormat({.link_type = {}, .snaplen = 0, .application = "tcptrace", .system = {}});
}

} // namespace

TEST_CASE("each interface is described once, before its first packet, in each file anew")
{
    PcapngFormat pcapng = format();
    for (int i = 0; i < 2; i++) {
        std::string file;
        pcapng.begin(file);
        pcapng.packet(file, packet(bytes, 7, "eth0"), 1, {});
        pcapng.packet(file, packet(bytes, 9, "tun0", TT_LINK_RAW), 2, {});
        pcapng.packet(file, packet(bytes, 7, "eth0"), 3, {});
        pcapng.end(file, {.unix_ns = 3, .received = 10, .dropped = 0, .comments = {}});
        const auto blocks = blocks_of(file);
        std::vector<std::uint32_t> types;
        for (const Block &each : blocks)
            types.push_back(each.type);
        CHECK(types == std::vector<std::uint32_t>{0x0a0d0d0a, 1, 6, 1, 6, 6, 5, 5});
        CHECK((number_at(blocks[1].body, 0) & 0xffff) == LINKTYPE_ETHERNET);
        CHECK((number_at(blocks[3].body, 0) & 0xffff) == LINKTYPE_RAW);
        CHECK(blocks[3].body.find("tun0") != std::string::npos);
        CHECK(number_at(blocks[2].body, 0) == 0);
        CHECK(number_at(blocks[4].body, 0) == 1);
        CHECK(number_at(blocks[5].body, 0) == 0);
    }
}

TEST_CASE("time is in nanoseconds, in two halves; the way stands in the flags")
{
    PcapngFormat pcapng = format();
    std::string file;
    PacketView view = packet(bytes, 1, "eth0");
    view.way = TT_OUT;
    pcapng.begin(file);
    pcapng.packet(file, view, 0x1122334455667788, {});
    view.way = TT_IN;
    view.cast = TT_CAST_BROADCAST;
    pcapng.packet(file, view, 0, {});
    const auto blocks = blocks_of(file);
    CHECK(number_at(blocks[2].body, 4) == 0x11223344);
    CHECK(number_at(blocks[2].body, 8) == 0x55667788);
    CHECK(number_at(blocks[2].body, 12) == bytes.size());
    // Behind 5 bytes and 3 to fill: option 2 of 4 bytes.
    CHECK(number_at(blocks[2].body, 28) == (4U << 16 | 2U));
    CHECK(number_at(blocks[2].body, 32) == 2);
    CHECK(number_at(blocks[3].body, 32) == (1U | 3U << 2));
}

TEST_CASE("comments of any length, and none at all")
{
    PcapngFormat pcapng = format();
    for (const std::size_t length : {0U, 1U, 4U, 65535U, 70000U}) {
        std::string file;
        std::string comment;
        while (comment.size() < length)
            comment += "é";
        pcapng.begin(file);
        pcapng.packet(file, packet(bytes, 1, {}), 0, std::vector<std::string>{comment, "second"});
        const auto blocks = blocks_of(file);
        REQUIRE(blocks.size() == 3);
        CHECK((number_at(blocks[2].body, 28) & 0xffff) == 1);
        CHECK(number_at(blocks[2].body, 28) >> 16 <= 65535);
        CHECK((number_at(blocks[2].body, 28) >> 16) % 2 == 0); // whole characters
        CHECK(blocks[2].body.find("second") != std::string::npos);
    }
}

TEST_CASE("what no packet carries stands at the end, also of a file without packets")
{
    PcapngFormat pcapng = format();
    std::string file;
    pcapng.begin(file);
    pcapng.end(file, {.unix_ns = 0, .received = {}, .dropped = {}, .comments = {"too late"}});
    const auto blocks = blocks_of(file);
    REQUIRE(blocks.size() == 3);
    CHECK(blocks[2].type == 5);
    CHECK(blocks[2].body.find("too late") != std::string::npos);
}
