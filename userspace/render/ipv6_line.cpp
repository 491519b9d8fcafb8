// SPDX-License-Identifier: Apache-2.0
// IPv6 packets with the extension headers that may stand before TCP and ICMPv6.
#include "render/checksum.h"
#include "render/ip_line.h"
#include "render/tcp_line.h"
#include "render/text.h"

#include <tcptrace/parse.h>

namespace tcptrace {

namespace {

constexpr std::uint32_t ipv6_header = 40;
constexpr std::uint8_t hop_by_hop = 0;
constexpr std::uint8_t routing = 43;
constexpr std::uint8_t authentication = 51;
constexpr std::uint8_t destination_options = 60;

void append_header(std::string &out, Bytes packet)
{
    const std::uint32_t flow = packet.u32(0);

    out += '(';
    if (flow & 0x0ff00000)
        put(out, "class 0x{:02x}, ", (flow & 0x0ff00000) >> 20);
    if (flow & 0x000fffff)
        put(out, "flowlabel 0x{:05x}, ", flow & 0x000fffff);
    put(out, "hlim {}, next-header {} ({}) payload length: {}) ", packet.u8(7),
        protocol_name(packet.u8(6)), packet.u8(6), packet.u16(4));
}

// The options of a hop-by-hop or destination header, from -v on.
void append_option_list(std::string &out, Bytes options)
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
        else
            put(out, "(opt_type 0x{:02x}: len={})", kind, length);
        at += 2 + length;
    }
}

void append_routing(std::string &out, Bytes header, int verbosity)
{
    const std::uint8_t type = header.u8(2);

    put(out, "RT6 (len={}, type={}", header.u8(1), type);
    if (type == 0)
        out += " [Deprecated]";
    put(out, ", segleft={}", header.u8(3));
    if (type == 4) {
        put(out, ", last-entry={}", header.u8(4));
        if (verbosity > 0)
            put(out, ", flags=0x{:x}", header.u8(5));
        put(out, ", tag={:x}", header.u16(6));
    } else if (header.u32(4) != 0 || verbosity > 0) {
        put(out, ", rsv=0x{:x}", header.u32(4));
    }
    for (std::size_t at = 8, index = 0; at + 16 <= header.size(); at += 16, index++)
        put(out, ", [{}]{}", index, address_text(header.from(at).first(16)));
    out += ") ";
}

void append_authentication(std::string &out, Bytes header, int verbosity)
{
    out += "AH(";
    if (verbosity > 0)
        put(out, "length={}({}-bytes),", header.u8(1), header.size());
    put(out, "spi=0x{:08x},", header.u32(4));
    put(out, "seq=0x{:x},icv=0x", header.u32(8));
    append_hex(out, header.from(12).span());
    out += "): ";
}

void append_extension(std::string &out, Bytes header, std::uint8_t kind, int verbosity)
{
    switch (kind) {
    case hop_by_hop:
    case destination_options:
        out += kind == hop_by_hop ? "HBH " : "DSTOPT ";
        if (verbosity > 0) {
            append_option_list(out, header.from(2));
            out += ' ';
        }
        break;
    case routing:
        append_routing(out, header, verbosity);
        break;
    case authentication:
        append_authentication(out, header, verbosity);
        break;
    default:
        put(out, "ip-proto-{} ", kind);
    }
}

struct Upper {
    std::uint32_t offset = ipv6_header;
    std::uint8_t protocol = 0;
    bool whole = true;
};

// Prints the extension headers; what lies behind them.
Upper append_extensions(std::string &out, Bytes packet, int verbosity)
{
    Upper upper{.protocol = packet.u8(6)};

    for (int i = 0; i < TT_IPV6_EXTENSIONS_MAX; i++) {
        const Bytes rest = packet.from(upper.offset);
        const std::uint32_t bytes = tt_ipv6_extension(upper.protocol, rest.u8(1));
        if (bytes == 0)
            break;
        upper.whole = rest.has(bytes);
        append_extension(out, rest.first(bytes), upper.protocol, verbosity);
        if (!upper.whole)
            break;
        upper.protocol = rest.u8(0);
        upper.offset += bytes;
    }
    return upper;
}

} // namespace

LineEnd append_ipv6(std::string &out, Bytes packet, std::uint32_t length,
                    const SequenceOrigin &origin, const LineOptions &options)
{
    out += "IP6 ";
    if (!packet.has(ipv6_header))
        return cut_short(out, "ip6");
    // A payload length of 0 is a jumbogram or what segmentation offload left out.
    std::uint32_t total = packet.u16(4) != 0 ? packet.u16(4) + ipv6_header : length;
    if (length < total) {
        put(out, "truncated-ip6 - {} bytes missing!", total - length);
        total = length;
    }
    if (options.verbosity > 0)
        append_header(out, packet);

    const Bytes whole = packet.first(total);
    const std::string source = address_text(packet.from(8).first(16));
    const std::string destination = address_text(packet.from(24).first(16));
    const bool direct = packet.u8(6) == TT_PROTOCOL_TCP;
    if (!direct)
        put(out, "{} > {}: ", source, destination);
    const Upper upper = append_extensions(out, whole, options.verbosity);
    if (!upper.whole || upper.offset > total)
        return cut_short(out, "ip6");
    const std::uint32_t upper_length = total - upper.offset;
    const std::uint32_t pseudo = pseudo_header_sum(
        packet.from(8).first(16), packet.from(24).first(16), upper.protocol, upper_length);
    if (upper.protocol == TT_PROTOCOL_ICMPV6)
        return append_icmpv6(out, whole.from(upper.offset), upper_length, pseudo, options);
    if (upper.protocol != TT_PROTOCOL_TCP) {
        put(out, " ip-proto-{} {}", upper.protocol, upper_length);
        return LineEnd::Whole;
    }
    const TcpContext context{.source = direct ? source : std::string_view{},
                             .destination = direct ? destination : std::string_view{},
                             .length = upper_length,
                             .pseudo_sum = pseudo,
                             .relative = origin.relative,
                             .sequence_origin = origin.sequence,
                             .ack_origin = origin.ack};
    return append_tcp(out, whole.from(upper.offset), context, options);
}

} // namespace tcptrace
