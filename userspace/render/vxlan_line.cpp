// SPDX-License-Identifier: Apache-2.0
// VXLAN: RFC 7348, and its generic protocol extension, draft-ietf-nvo3-vxlan-gpe.
#include "render/ethernet_line.h"
#include "render/ip_line.h"
#include "render/text.h"
#include "render/tunnel_line.h"

#include <array>

namespace tcptrace {

namespace {

constexpr std::uint32_t header = 8;
constexpr std::uint8_t identifier_is_valid = 0x08;

void append_gpe_flags(std::string &out, std::uint8_t flags)
{
    constexpr std::array names{std::pair{0x08, 'I'}, std::pair{0x04, 'P'}, std::pair{0x02, 'B'},
                               std::pair{0x01, 'O'}};
    const std::size_t before = out.size();

    for (const auto &[flag, name] : names)
        if (flags & flag)
            out += name;
    if (out.size() == before)
        out += "none";
}

} // namespace

LineEnd append_vxlan(std::string &out, Bytes vxlan, std::uint32_t length,
                     const LineContext &context)
{
    const std::uint8_t flags = vxlan.u8(0);

    out += "VXLAN";
    if (length < header) {
        out += " (invalid)";
        return LineEnd::Whole;
    }
    if (!vxlan.has(1))
        return cut_short(out, "vxlan");
    put(out, ", flags [{}] (0x{:02x}), ", flags & identifier_is_valid ? "I" : "invalid", flags);
    if (!vxlan.has(header - 1))
        return cut_short(out, "vxlan");
    put(out, "vni {}\n", vxlan.u32(4) >> 8);
    return one_level_in(out, context, [&](const LineContext &inner) {
        return append_ethernet(out, vxlan.from(header), length - header, inner);
    });
}

LineEnd append_vxlan_gpe(std::string &out, Bytes vxlan, std::uint32_t length,
                         const LineContext &context)
{
    out += "VXLAN-GPE, ";
    if (length < header) {
        put(out, " (len {} < {}) (invalid)", length, header);
        return LineEnd::Whole;
    }
    if (!vxlan.has(1))
        return cut_short(out, "vxlan_gpe");
    out += "flags [";
    append_gpe_flags(out, vxlan.u8(0));
    out += "], ";
    if (!vxlan.has(header))
        return cut_short(out, "vxlan_gpe");
    put(out, "vni {}{}", vxlan.u32(4) >> 8, context.options.verbosity > 0 ? "\n    " : ": ");

    return one_level_in(out, context, [&](const LineContext &inner) {
        const Bytes packet = vxlan.from(header);
        switch (vxlan.u8(3)) {
        case 1:
            return append_ipv4(out, packet, length - header, inner);
        case 2:
            return append_ipv6(out, packet, length - header, inner);
        case 3:
            return append_ethernet(out, packet, length - header, inner);
        default:
            out += "ERROR: unknown-next-protocol (invalid)";
            return LineEnd::Whole;
        }
    });
}

} // namespace tcptrace
