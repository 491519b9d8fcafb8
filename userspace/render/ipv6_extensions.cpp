// SPDX-License-Identifier: Apache-2.0
#include "render/ipv6_extensions.h"

#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::uint8_t hop_by_hop = 0;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t fragment = 44;
constexpr std::uint8_t authentication = 51;
constexpr std::uint8_t destination_options = 60;
constexpr std::uint8_t jumbo_payload = 0xc2; // RFC 2675
constexpr std::uint8_t home_address = 0xc9;  // RFC 6275

// The options of a hop-by-hop or destination header, from -v on.
void append_option_list(std::string &out, Bytes options, bool has_length, const Names *names)
{
    for (std::size_t at = 0; at < options.size();) {
        const std::uint8_t kind = options.u8(at);
        const std::size_t length = options.u8(at + 1);
        if (kind == 0) {
            out += "(pad1)";
            at++;
            continue;
        }
        if (kind == 1)
            out += "(padn)";
        else if (kind == 5)
            put(out, "(rtalert: 0x{:04x}) ", options.u16(at + 2));
        else if (kind == jumbo_payload)
            put(out, "(jumbo: {}{}) ", options.u32(at + 2),
                has_length ? " - payload len != 0" : "");
        else if (kind == home_address)
            put(out, "(homeaddr: {})", host_text(options.from(at + 2).first(16), names));
        else
            put(out, "(opt_type 0x{:02x}: len={})", kind, length);
        at += 2 + length;
    }
}

void append_routing(std::string &out, Bytes header, const LineOptions &line)
{
    const std::uint8_t type = header.u8(2);

    put(out, "RT6 (len={}, type={}", header.u8(1), type);
    if (type == 0)
        out += " [Deprecated]";
    put(out, ", segleft={}", header.u8(3));
    if (type == 4) {
        put(out, ", last-entry={}", header.u8(4));
        if (line.verbosity > 0)
            put(out, ", flags=0x{:x}", header.u8(5));
        put(out, ", tag={:x}", header.u16(6));
    } else if (header.u32(4) != 0 || line.verbosity > 0) {
        put(out, ", rsv=0x{:x}", header.u32(4));
    }
    for (std::size_t at = 8, index = 0; at + 16 <= header.size(); at += 16, index++)
        put(out, ", [{}]{}", index, host_text(header.from(at).first(16), line.names));
    out += ") ";
}

void append_authentication(std::string &out, Bytes header, const LineOptions &line)
{
    out += "AH(";
    if (line.verbosity > 0)
        put(out, "length={}({}-bytes),", header.u8(1), header.size());
    put(out, "spi=0x{:08x},", header.u32(4));
    put(out, "seq=0x{:x},icv=0x", header.u32(8));
    append_hex(out, header.from(12).span());
    out += "): ";
}

// RFC 8200 §4.5; `left`: the bytes behind the header by the packet's length.
void append_fragment(std::string &out, Bytes header, std::size_t left, const LineOptions &line)
{
    out += "frag (";
    if (line.verbosity > 0)
        put(out, "0x{:08x}:", header.u32(4));
    put(out, "{}|{})", header.u16(2) & 0xfff8, left);
}

void append_extension(std::string &out, Bytes header, std::uint8_t kind, bool has_length,
                      const LineOptions &line)
{
    switch (kind) {
    case hop_by_hop:
    case destination_options:
        out += kind == hop_by_hop ? "HBH " : "DSTOPT ";
        if (line.verbosity > 0) {
            append_option_list(out, header.from(2), has_length, line.names);
            out += ' ';
        }
        break;
    case routing:
        append_routing(out, header, line);
        break;
    case authentication:
        append_authentication(out, header, line);
        break;
    default:
        put(out, "ip-proto-{} ", kind);
    }
}

// Where a source route ends, which is what the checksum covers (RFC 8200 §8.1).
Bytes route_end(Bytes header, Bytes destination)
{
    const bool segment_routing = header.u8(2) == 4; // RFC 8754 lists the last one first
    const std::size_t last = header.size() - 16;

    if (header.size() < 24)
        return destination;
    return header.from(segment_routing ? 8 : last).first(16);
}

} // namespace

Ipv6Upper append_ipv6_extensions(std::string &out, Bytes packet, std::uint32_t length,
                                 const LineOptions &line)
{
    constexpr std::uint32_t fragment_size = 8;
    Ipv6Upper upper{.protocol = packet.u8(6), .destination = packet.from(24).first(16)};

    for (int i = 0; i < TT_IPV6_EXTENSIONS_MAX; i++) {
        const Bytes rest = packet.from(upper.offset);
        if (upper.protocol == fragment) {
            upper.whole = rest.has(fragment_size);
            if (!upper.whole)
                break;
            upper.offset += fragment_size;
            upper.protocol = rest.u8(0);
            upper.fragmented = true;
            upper.ends_here = (rest.u16(2) & 0xfff8) != 0;
            append_fragment(out, rest, length - std::min(length, upper.offset), line);
            if (upper.ends_here)
                break;
            out += ' ';
            continue;
        }
        const std::uint32_t bytes = tt_ipv6_extension(upper.protocol, rest.u8(1));
        if (bytes == 0)
            break;
        const Bytes header = rest.first(bytes);
        upper.whole = rest.has(bytes);
        append_extension(out, header, upper.protocol, packet.u16(4) != 0, line);
        if (!upper.whole)
            break;
        if (upper.protocol == routing)
            upper.destination = route_end(header, upper.destination);
        upper.protocol = rest.u8(0);
        upper.offset += bytes;
    }
    return upper;
}

} // namespace tcptrace
