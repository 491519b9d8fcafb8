// SPDX-License-Identifier: Apache-2.0
#include "render/ip_line.h"

#include "core/address.h"
#include "render/checksum.h"
#include "render/ip_options.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

#include <array>

namespace tcptrace {

namespace {

constexpr std::uint32_t ipv4_header_min = 20;
constexpr std::uint16_t reserved_bit = 0x8000;
constexpr std::uint16_t dont_fragment = 0x4000;
constexpr std::uint16_t more_fragments = 0x2000;
constexpr std::uint16_t offset_mask = 0x1fff;

void append_fragment_flags(std::string &out, std::uint16_t field)
{
    const char *separator = "";
    const auto flag = [&](std::uint16_t bit, std::string_view name) {
        if (field & bit) {
            out += separator;
            out += name;
            separator = ", ";
        }
    };

    flag(more_fragments, "+");
    flag(dont_fragment, "DF");
    flag(reserved_bit, "rsvd");
    if (*separator == '\0')
        out += "none";
}

// The header as -v tells it, and the line break behind it.
LineEnd append_header(std::string &out, Bytes packet, std::uint32_t header,
                      const LineOptions &options)
{
    constexpr std::array<std::string_view, 4> congestion{"", ",ECT(1)", ",ECT(0)", ",CE"};
    const std::uint8_t service = packet.u8(1);
    const std::uint16_t fragment = packet.u16(6);

    put(out, "(tos 0x{:x}{}", service, congestion[service & 3]);
    if (packet.u8(8) > 0)
        put(out, ", ttl {}", packet.u8(8));
    put(out, ", id {}, offset {}, flags [", packet.u16(4), (fragment & offset_mask) * 8);
    append_fragment_flags(out, fragment);
    put(out, "], proto {} ({}), length {}", protocol_name(packet.u8(9)), packet.u8(9),
        packet.u16(2));
    if (header > ipv4_header_min) {
        out += ", options (";
        const bool whole = append_ip_options(out, packet.from(ipv4_header_min),
                                             header - ipv4_header_min, options.names);
        if (!whole) {
            out += " [truncated-option])\n    ";
            put(out, "{} > {}: ", host_text(packet.from(12).first(4), options.names),
                host_text(packet.from(16).first(4), options.names));
            return cut_short(out, "ip");
        }
        out += ')';
    }
    if (options.judges_checksums && packet.has(header)) {
        const std::uint16_t wrong = checksum_finish(checksum_add(0, packet.first(header)));
        if (wrong != 0)
            put(out, ", bad cksum {:x} (->{:x})!", packet.u16(10),
                checksum_should_be(packet.u16(10), wrong));
    }
    out += ")\n    ";
    return LineEnd::Whole;
}

LineEnd append_payload(std::string &out, Bytes packet, std::uint32_t header, std::uint32_t length,
                       const LineContext &context)
{
    const std::uint8_t protocol = packet.u8(9);
    const std::uint16_t fragment = packet.u16(6);
    const std::string source = host_text(packet.from(12).first(4), context.options.names);
    const std::string destination = host_text(packet.from(16).first(4), context.options.names);

    if (fragment & offset_mask) {
        put(out, "{} > {}: {}", source, destination,
            protocol_word(protocol, context.options.names));
        return LineEnd::Whole;
    }
    if (!prints_own_ends(protocol))
        put(out, "{} > {}: ", source, destination);
    if (!packet.has(header)) {
        put(out, " [remaining caplen({}) < header length({})]", packet.size(), header);
        return cut_short(out, "ip");
    }
    const IpContext ip{.source = source,
                       .destination = destination,
                       .addresses = packet.from(12).first(8),
                       .length = length,
                       .pseudo_sum =
                           pseudo_header_sum(packet.from(12).first(4),
                                             final_destination(packet, header), protocol, length),
                       .fragmented = (fragment & more_fragments) != 0};
    return append_ip_protocol(out, protocol, packet.from(header), ip, context);
}

} // namespace

LineEnd cut_short(std::string &out, std::string_view protocol)
{
    put(out, " [|{}]", protocol);
    return LineEnd::Cut;
}

std::string address_text(Bytes address)
{
    Address value;

    if (address.size() != 4 && address.size() != 16)
        return "?";
    value.family = address.size() == 4 ? TT_IPV4 : TT_IPV6;
    tt_copy_address(&value.raw, address.span().data(), value.family);
    return to_string(value);
}

LineEnd append_ip(std::string &out, Bytes packet, std::uint32_t length, const LineContext &context)
{
    const int version = packet.u8(0) >> 4;

    if (!packet.has(1))
        return cut_short(out, "ipn");
    if (version == 4)
        return append_ipv4(out, packet, length, context);
    if (version == 6)
        return append_ipv6(out, packet, length, context);
    put(out, "unknown ip {}", version);
    return LineEnd::Whole;
}

LineEnd append_ipv4(std::string &out, Bytes packet, std::uint32_t length,
                    const LineContext &context)
{
    const int version = packet.u8(0) >> 4;
    const std::uint32_t header = static_cast<std::uint32_t>(packet.u8(0) & 0x0f) * 4;
    std::uint32_t total = packet.u16(2);

    if (!packet.has(1))
        return cut_short(out, "ip");
    if (version != 4) {
        put(out, "IP{}{} (invalid)", version,
            version == 6 ? ", wrong link-layer encapsulation" : "");
        return LineEnd::Whole;
    }
    if (!context.options.link_header)
        out += "IP ";
    if (!packet.has(ipv4_header_min))
        return cut_short(out, "ip");
    if (length < ipv4_header_min) {
        put(out, "truncated-ip {}", length);
        return LineEnd::Whole;
    }
    if (header < ipv4_header_min) {
        put(out, "bad-hlen {}", header);
        return LineEnd::Whole;
    }
    if (total == 0) // segmentation offload left it out; the wire says it
        total = length;
    if (length < total)
        put(out, "truncated-ip - {} bytes missing! ", total - length);
    if (total < header) {
        put(out, "bad-len {}", total);
        return LineEnd::Whole;
    }
    const Bytes whole = packet.first(total);
    if (context.options.verbosity > 0 &&
        append_header(out, whole, header, context.options) == LineEnd::Cut)
        return LineEnd::Cut;
    return append_payload(out, whole, header, total - header, context);
}

} // namespace tcptrace
