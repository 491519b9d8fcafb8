// SPDX-License-Identifier: Apache-2.0
// ICMP extensions (RFC 4884): objects behind a quoted packet that is padded to 128 bytes. Only
// MPLS label stacks (RFC 4950) have words; the bytes of others are shown, as tcpdump does.
#include "render/checksum.h"
#include "render/icmp_line.h"
#include "render/text.h"

#include <algorithm>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::uint32_t extension_at = 8 + 128;
constexpr std::uint32_t extension_header = 4;
constexpr std::uint32_t object_header = 4;
constexpr std::uint8_t version_known = 2;
constexpr std::uint8_t class_mpls = 1;
constexpr std::uint8_t class_interface = 2;
constexpr std::string_view indent = "\n\t    ";

std::string_view class_name(std::uint8_t number)
{
    return number == class_mpls        ? "MPLS Stack Entry"
           : number == class_interface ? "Interface Identification"
                                       : "unknown";
}

// RFC 3032 §2.1: 20 bits of label, 3 of class, one that ends the stack, 8 of TTL.
void append_label(std::string &out, std::uint32_t entry)
{
    put(out, "{}label {}, tc {}", indent, entry >> 12, entry >> 9 & 7);
    if (entry & 0x100)
        out += ", [S]";
    put(out, ", ttl {}", entry & 0xff);
}

// `bytes`: the objects, `left` bytes of them by the message's length.
LineEnd append_objects(std::string &out, Bytes bytes, std::uint32_t left)
{
    while (left > object_header) {
        if (!bytes.has(object_header))
            return cut_short(out, "icmp");
        const std::uint32_t length = bytes.u16(0);
        const std::uint8_t number = bytes.u8(2);
        const std::uint8_t kind = bytes.u8(3);
        put(out, "\n\t  {} Object ({}), Class-Type: {}, length {}", class_name(number), number,
            kind, length);
        if (number == 0 || length < object_header)
            return LineEnd::Whole;
        left -= object_header;
        bytes = bytes.from(object_header);
        const std::uint32_t payload = length - object_header;
        if (number == class_mpls && kind == 1) {
            if (!bytes.has(4))
                return cut_short(out, "icmp");
            append_label(out, bytes.u32(0));
        } else {
            append_hex_block(out, bytes.first(payload).span(), indent);
        }
        if (left < payload)
            break;
        left -= payload;
        bytes = bytes.from(payload);
    }
    return LineEnd::Whole;
}

} // namespace

LineEnd append_icmp_extension(std::string &out, Bytes icmp, std::uint32_t length)
{
    if (length <= extension_at)
        return LineEnd::Whole;
    if (!icmp.has(extension_at + extension_header + 1))
        return cut_short(out, "icmp");
    const std::uint32_t left = length - extension_at;
    const Bytes extension = icmp.from(extension_at);
    const bool whole = extension.has(left);
    const std::uint16_t wrong = checksum_finish(checksum_add(0, extension.first(left)));
    const std::uint8_t version = extension.u8(0) >> 4;
    // Not every sender fills in the length of the quoted packet: then the checksum tells.
    if (icmp.u8(5) == 0 && whole && wrong != 0)
        return LineEnd::Whole;
    put(out, "\n\tICMP Multi-Part extension v{}", version);
    if (version != version_known) {
        out += " packet not supported";
        return LineEnd::Whole;
    }
    if (whole)
        put(out, ", checksum 0x{:04x} ({}correct), length {}", extension.u16(2), wrong ? "in" : "",
            left);
    return append_objects(out, extension.from(extension_header),
                          left - std::min(left, extension_header));
}

} // namespace tcptrace
