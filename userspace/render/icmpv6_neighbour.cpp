// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery (RFC 4861) and what mobile nodes ask of their home network (RFC 6275).
// The options behind a message are icmpv6_options.cpp's.
#include "render/icmpv6_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::array router_flags{BitName{0x80, "managed"}, BitName{0x40, "other stateful"},
                                  BitName{0x20, "home agent"}, BitName{0x02, "ipv6 only"}};
constexpr std::array neighbour_flags{BitName{0x80000000, "router"},
                                     BitName{0x40000000, "solicited"},
                                     BitName{0x20000000, "override"}};

constexpr std::size_t address_at = icmpv6_header;
constexpr std::size_t address_end = address_at + 16;

LineEnd append_options_behind(std::string &out, Bytes icmp, std::uint32_t length,
                              std::uint32_t header, const LineOptions &options)
{
    if (options.verbosity == 0)
        return LineEnd::Whole;
    return append_neighbour_options(out, icmp.from(header), length - std::min(length, header),
                                    options);
}

LineEnd append_router_advertisement(std::string &out, Bytes icmp, std::uint32_t length,
                                    const LineOptions &options)
{
    constexpr std::uint32_t header = 16;

    if (options.verbosity == 0)
        return LineEnd::Whole;
    if (!icmp.has(header))
        return cut_short(out, "icmp6");
    put(out, "\n\thop limit {}, Flags [", icmp.u8(4));
    append_bits(out, icmp.u8(5), router_flags);
    put(out, "], pref {}, router lifetime {}s, reachable time {}ms, retrans timer {}ms",
        router_preference(icmp.u8(5)), icmp.u16(6), icmp.u32(8), icmp.u32(12));
    return append_options_behind(out, icmp, length, header, options);
}

LineEnd append_neighbour(std::string &out, Bytes icmp, std::uint32_t length,
                         const LineOptions &options)
{
    const bool asks = Icmpv6Type{icmp.u8(0)} == Icmpv6Type::NeighbourSolicitation;

    if (!icmp.has(address_end))
        return cut_short(out, "icmp6");
    put(out, ", {} {}", asks ? "who has" : "tgt is",
        host_text(icmp.from(address_at).first(16), options.names));
    if (!asks && options.verbosity > 0) {
        out += ", Flags [";
        append_bits(out, icmp.u32(4), neighbour_flags);
        out += ']';
    }
    return append_options_behind(out, icmp, length, address_end, options);
}

LineEnd append_redirect(std::string &out, Bytes icmp, std::uint32_t length,
                        const LineOptions &options)
{
    constexpr std::uint32_t header = address_end + 16;

    if (!icmp.has(header))
        return cut_short(out, "icmp6");
    put(out, ", {} to {}", host_text(icmp.from(address_end).first(16), options.names),
        host_text(icmp.from(address_at).first(16), options.names));
    return append_options_behind(out, icmp, length, header, options);
}

LineEnd append_home_agents(std::string &out, Bytes icmp, std::uint32_t length,
                           const LineOptions &options)
{
    if (!icmp.has(6))
        return cut_short(out, "icmp6");
    put(out, ", id 0x{:04x}", icmp.u16(4));
    for (std::size_t at = address_at; at < length; at += 16) {
        const Bytes address = icmp.from(at).first(16);
        if (!address.has(16))
            return cut_short(out, "icmp6");
        put(out, ", {}", host_text(address, options.names));
    }
    return LineEnd::Whole;
}

LineEnd append_mobile_prefix(std::string &out, Bytes icmp, std::uint32_t length,
                             const LineOptions &options)
{
    const std::uint16_t flags = icmp.u16(6);

    if (!icmp.has(icmpv6_header))
        return cut_short(out, "icmp6");
    put(out, ", id 0x{:04x}{}{}{}", icmp.u16(4), flags & 0xc000 ? " " : "",
        flags & 0x8000 ? "M" : "", flags & 0x4000 ? "O" : "");
    return append_options_behind(out, icmp, length, icmpv6_header, options);
}

} // namespace

LineEnd append_icmpv6_neighbour(std::string &out, Bytes icmp, std::uint32_t length,
                                const LineOptions &options)
{
    switch (Icmpv6Type{icmp.u8(0)}) {
    case Icmpv6Type::RouterSolicitation:
        return append_options_behind(out, icmp, length, icmpv6_header, options);
    case Icmpv6Type::RouterAdvertisement:
        return append_router_advertisement(out, icmp, length, options);
    case Icmpv6Type::NeighbourSolicitation:
    case Icmpv6Type::NeighbourAdvertisement:
        return append_neighbour(out, icmp, length, options);
    case Icmpv6Type::Redirect:
        return append_redirect(out, icmp, length, options);
    case Icmpv6Type::HomeAgentReply:
        return options.verbosity > 0 ? append_home_agents(out, icmp, length, options)
                                     : LineEnd::Whole;
    case Icmpv6Type::MobilePrefixAdvertisement:
        return options.verbosity > 0 ? append_mobile_prefix(out, icmp, length, options)
                                     : LineEnd::Whole;
    default: // a home agent or a mobile prefix is asked for
        if (!icmp.has(6))
            return cut_short(out, "icmp6");
        put(out, ", id 0x{:04x}", icmp.u16(4));
        return LineEnd::Whole;
    }
}

} // namespace tcptrace
