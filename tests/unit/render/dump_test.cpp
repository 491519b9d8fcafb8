// SPDX-License-Identifier: Apache-2.0
// The layout of -x, -X and -A, at the ends of lines where it can go wrong.
#include "render/dump.h"
#include "render/packet_printer.h"
#include "support/frames.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

std::string dumped(Dump dump, const ByteVector &bytes, tt_link link = TT_LINK_RAW)
{
    PacketView view = view_of(bytes);
    view.link = link;
    std::string out;
    append_dump(out, dump, view);
    return out;
}

ByteVector text(std::string_view characters)
{
    ByteVector bytes{0x45};
    bytes.insert(bytes.end(), characters.begin(), characters.end());
    return bytes;
}

} // namespace

TEST_CASE("-x and -X: sixteen bytes a line, an odd byte alone, text in its column")
{
    const ByteVector bytes = text("0123456789abcde\x7f\xff");

    CHECK(dumped(Dump::Hex, bytes) == "\n\t0x0000:  4530 3132 3334 3536 3738 3961 6263 6465"
                                      "\n\t0x0010:  7fff");
    CHECK(dumped(Dump::HexAscii, text("~ ")) ==
          "\n\t0x0000:  457e 20                                  E~.");
}

TEST_CASE("-A: a carriage return stays only where a line goes on")
{
    CHECK(dumped(Dump::Ascii, text("a\tb \r\nc\rd\x01\xff\r")) == "\nEa\tb \nc.d..");
    CHECK(dumped(Dump::Ascii, text("a\rb")) == "\nEab");
}

TEST_CASE("the link header is left out, its tags too, unless asked for")
{
    ByteVector frame(12, 0xaa);
    const ByteVector rest{0x81, 0x00, 0x00, 0x05, 0x08, 0x00, 0x45};
    frame.insert(frame.end(), rest.begin(), rest.end());

    CHECK(dumped(Dump::Hex, frame, TT_LINK_ETHERNET) == "\n\t0x0000:  45");
    CHECK(dumped(Dump::AsciiLink, frame, TT_LINK_ETHERNET) == "\n..................E");
    frame.pop_back();
    CHECK(dumped(Dump::HexAscii, frame, TT_LINK_ETHERNET).empty());
}

TEST_CASE("a printer counts, and remembers first numbers")
{
    PacketPrinter printer({.time = TimeStyle::None, .number = true});
    const ByteVector first = tcp_packet({.flags = TT_ACK, .sequence = 7, .acknowledgment = 9});
    const ByteVector second =
        tcp_packet({.flags = TT_ACK, .sequence = 7, .acknowledgment = 10, .payload = "x"});
    std::string out;

    printer.append(out, view_of(first), 0, "  «mark»");
    printer.append(out, view_of(second), 0, "");
    CHECK(out ==
          "    1  IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [.], ack 9, win 512, length 0  «mark»\n"
          "    2  IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [.], seq 0:1, ack 2, win 512, "
          "length 1\n");
}

TEST_CASE("lengths that cannot be are told in place of the packet")
{
    PacketPrinter printer({});
    const ByteVector packet = tcp_packet({});
    PacketView view = view_of(packet, 262145);
    std::string out;

    printer.append(out, view, 0, "");
    view.wire_length = 0;
    view.bytes = {};
    printer.append(out, view, 0, "");
    CHECK(out == "[Invalid header: len(262145) > 262144]\n[Invalid header: caplen==0, len==0]\n");
}
