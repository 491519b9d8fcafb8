// SPDX-License-Identifier: Apache-2.0
// Geneve: RFC 8926.
#include "render/ethernet_line.h"
#include "render/link_names.h"
#include "render/link_protocol.h"
#include "render/text.h"
#include "render/tunnel_line.h"

#include <tcptrace/tunnel.h>

#include <array>

namespace tcptrace {

namespace {

constexpr std::uint32_t fixed_bytes = 8;

void append_flags(std::string &out, std::uint8_t flags)
{
    constexpr std::array<std::string_view, 8> names{"O", "C", "R1", "R2", "R3", "R4", "R5", "R6"};

    if (flags == 0)
        out += "none";
    for (std::size_t i = 0; i < names.size(); i++)
        if (flags & 0x80 >> i)
            out += names[i];
}

std::string_view option_class_name(std::uint16_t option_class)
{
    switch (option_class) {
    case 0x0100:
        return "Linux";
    case 0x0101:
        return "Open vSwitch";
    case 0x0102:
        return "Open Virtual Networking (OVN)";
    case 0x0103:
        return "In-band Network Telemetry (INT)";
    case 0x0104:
        return "VMware";
    default:
        break;
    }
    if (option_class <= 0x00ff)
        return "Standard";
    return option_class >= 0xfff0 ? "Experimental" : "Unknown";
}

// False: cut by the capture. `options`: their bytes, as far as captured; `length`: by the header.
bool append_options(std::string &out, Bytes options, std::size_t length, int verbosity)
{
    constexpr std::size_t option_header = 4;
    constexpr std::uint8_t critical = 0x80;

    for (std::size_t at = 0; at < length;) {
        const Bytes option = options.from(at);
        const std::size_t bytes = option_header + (option.u8(3) & 0x1fU) * 4;
        if (at != 0)
            out += ", ";
        if (!option.has(option_header))
            return false;
        put(out, "class {} (0x{:x}) type 0x{:x}{} len {}", option_class_name(option.u16(0)),
            option.u16(0), option.u8(2), option.u8(2) & critical ? "(C)" : "", bytes);
        if (bytes > length - at) {
            out += " [bad length]";
            return true;
        }
        if (verbosity > 1 && bytes > option_header) {
            out += " data";
            for (std::size_t word = option_header; word < bytes; word += 4)
                put(out, " {:08x}", option.u32(word));
        }
        at += bytes;
    }
    return true;
}

LineEnd append_inner(std::string &out, std::uint16_t protocol, Bytes packet, std::uint32_t length,
                     const LineContext &context)
{
    return one_level_in(out, context, [&](const LineContext &inner) {
        const auto end = append_link_protocol(out, protocol, packet, length, inner);
        if (end)
            return *end;
        if (protocol == TT_ETHERTYPE_BRIDGED)
            return append_ethernet(out, packet, length, inner);
        put(out, "geneve-proto-0x{:x}", protocol);
        return LineEnd::Whole;
    });
}

} // namespace

LineEnd append_geneve(std::string &out, Bytes geneve, std::uint32_t length,
                      const LineContext &context)
{
    const LineOptions &options = context.options;
    const std::uint16_t protocol = geneve.u16(2);
    const std::uint32_t options_length = (geneve.u8(0) & 0x3fU) * 4;

    out += "Geneve";
    if (geneve.has(1) && geneve.u8(0) >> 6 != 0) {
        put(out, " ERROR: unknown-version {}", geneve.u8(0) >> 6);
        return LineEnd::Whole;
    }
    if (length < fixed_bytes || !geneve.has(fixed_bytes))
        return cut_short(out, "geneve");
    out += ", Flags [";
    append_flags(out, geneve.u8(1));
    put(out, "], vni 0x{:x}", geneve.u32(4) >> 8);
    if (geneve.u8(7) != 0)
        put(out, ", rsvd 0x{:x}", geneve.u8(7));
    if (options.link_header) {
        const std::string_view name = ethertype_name(protocol);
        put(out, ", proto {} (0x{:04x})", name.empty() ? "unknown" : name, protocol);
    }
    const std::uint32_t left = length - fixed_bytes;
    if (left < options_length) {
        put(out, " truncated-geneve - {} bytes missing", options_length - left);
        return LineEnd::Whole;
    }
    if (!geneve.has(fixed_bytes + options_length))
        return cut_short(out, "geneve");
    if (options_length > 0) {
        out += ", options [";
        if (options.verbosity == 0)
            put(out, "{} bytes", options_length);
        else if (!append_options(out, geneve.from(fixed_bytes), options_length, options.verbosity))
            return cut_short(out, "geneve");
        out += ']';
    }
    out += options.verbosity > 0 ? "\n\t" : ": ";
    return append_inner(out, protocol, geneve.from(fixed_bytes + options_length),
                        left - options_length, context);
}

} // namespace tcptrace
