// SPDX-License-Identifier: Apache-2.0
#include "render/dump.h"

#include "render/link_length.h"
#include "render/text.h"

namespace tcptrace {

namespace {

constexpr std::size_t line_bytes = 16;
constexpr std::size_t hex_columns = line_bytes / 2 * 5; // " 4500" for each two bytes

bool is_graphic(std::uint8_t byte)
{
    return byte > 0x20 && byte < 0x7f;
}

// A carriage return before a newline is left out; tcpdump leaves out one of the last two
// bytes as well, whatever follows.
void append_ascii(std::string &out, Bytes bytes)
{
    out += '\n';
    for (std::size_t at = 0; at < bytes.size(); at++) {
        const std::uint8_t byte = bytes.u8(at);
        if (byte == '\r' && (at + 2 >= bytes.size() || bytes.u8(at + 1) == '\n'))
            continue;
        const bool stays = is_graphic(byte) || byte == '\t' || byte == ' ' || byte == '\n';
        out += stays ? static_cast<char>(byte) : '.';
    }
}

} // namespace

void append_hex_ascii(std::string &out, Bytes bytes)
{
    for (std::size_t at = 0; at < bytes.size(); at += line_bytes) {
        const Bytes line = bytes.from(at).first(line_bytes);
        std::string hex;
        std::string text;
        for (std::size_t i = 0; i < line.size(); i++) {
            if (i % 2 == 0)
                hex += ' ';
            append_hex(hex, line.span().subspan(i, 1));
            text += is_graphic(line.u8(i)) ? static_cast<char>(line.u8(i)) : '.';
        }
        put(out, "\n\t0x{:04x}: {:<{}}  {}", at, hex, hex_columns, text);
    }
}

void append_dump(std::string &out, Dump dump, const PacketView &packet)
{
    const bool with_link =
        dump == Dump::HexLink || dump == Dump::HexAsciiLink || dump == Dump::AsciiLink;
    if (dump == Dump::None)
        return;
    const Bytes bytes = Bytes(packet.bytes).from(with_link ? 0 : link_length(packet));
    if (!bytes.has(1))
        return;

    switch (dump) {
    case Dump::Hex:
    case Dump::HexLink:
        append_hex_block(out, bytes.span());
        break;
    case Dump::HexAscii:
    case Dump::HexAsciiLink:
        append_hex_ascii(out, bytes);
        break;
    case Dump::Ascii:
    case Dump::AsciiLink:
        append_ascii(out, bytes);
        break;
    case Dump::None:
        break;
    }
}

} // namespace tcptrace
