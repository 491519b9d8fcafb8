// SPDX-License-Identifier: Apache-2.0
// Neighbour discovery (RFC 4861) and what mobile nodes ask of their home network (RFC 6275).
// The options behind a message are icmpv6_options.cpp's.
#include "render/icmpv6_line.h"
#include "render/ip_line.h"
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
                              std::uint32_t header, int verbosity)
{
    if (verbosity == 0)
        return LineEnd::Whole;
    return append_neighbour_options(out, icmp.from(header), length - std::min(length, header),
                                    verbosity);
}

LineEnd append_router_advertisement(std::string &out, Bytes icmp, std::uint32_t length,
                                    int verbosity)
{
    constexpr std::uint32_t header = 16;

    if (verbosity == 0)
        return LineEnd::Whole;
    if (!icmp.has(header))
        return cut_short(out, "icmp6");
    put(out, "\n\thop limit {}, Flags [", icmp.u8(4));
    append_bits(out, icmp.u8(5), router_flags);
    put(out, "], pref {}, router lifetime {}s, reachable time {}ms, retrans timer {}ms",
        router_preference(icmp.u8(5)), icmp.u16(6), icmp.u32(8), icmp.u32(12));
    return append_options_behind(out, icmp, length, header, verbosity);
}

LineEnd append_neighbour(std::string &out, Bytes icmp, std::uint32_t length, int verbosity)
{
    const bool asks = Icmpv6Type{icmp.u8(0)} == Icmpv6Type::NeighbourSolicitation;

    if (!icmp.has(address_end))
        return cut_short(out, "icmp6");
    put(out, ", {} {}", asks ? "who has" : "tgt is", address_text(icmp.from(address_at).first(16)));
    if (!asks && verbosity > 0) {
        out += ", Flags [";
        append_bits(out, icmp.u32(4), neighbour_flags);
        out += ']';
    }
    return append_options_behind(out, icmp, length, address_end, verbosity);
}

LineEnd append_redirect(std::string &out, Bytes icmp, std::uint32_t length, int verbosity)
{
    constexpr std::uint32_t header = address_end + 16;

    if (!icmp.has(header))
        return cut_short(out, "icmp6");
    put(out, ", {} to {}", address_text(icmp.from(address_end).first(16)),
        address_text(icmp.from(address_at).first(16)));
    return append_options_behind(out, icmp, length, header, verbosity);
}

LineEnd append_home_agents(std::string &out, Bytes icmp, std::uint32_t length)
{
    if (!icmp.has(6))
        return cut_short(out, "icmp6");
    put(out, ", id 0x{:04x}", icmp.u16(4));
    for (std::size_t at = address_at; at < length; at += 16) {
        const Bytes address = icmp.from(at).first(16);
        if (!address.has(16))
            return cut_short(out, "icmp6");
        put(out, ", {}", address_text(address));
    }
    return LineEnd::Whole;
}

LineEnd append_mobile_prefix(std::string &out, Bytes icmp, std::uint32_t length, int verbosity)
{
    const std::uint16_t flags = icmp.u16(6);

    if (!icmp.has(icmpv6_header))
        return cut_short(out, "icmp6");
    put(out, ", id 0x{:04x}{}{}{}", icmp.u16(4), flags & 0xc000 ? " " : "",
        flags & 0x8000 ? "M" : "", flags & 0x4000 ? "O" : "");
    return append_options_behind(out, icmp, length, icmpv6_header, verbosity);
}

} // namespace

LineEnd append_icmpv6_neighbour(std::string &out, Bytes icmp, std::uint32_t length, int verbosity)
{
    switch (Icmpv6Type{icmp.u8(0)}) {
    case Icmpv6Type::RouterSolicitation:
        return append_options_behind(out, icmp, length, icmpv6_header, verbosity);
    case Icmpv6Type::RouterAdvertisement:
        return append_router_advertisement(out, icmp, length, verbosity);
    case Icmpv6Type::NeighbourSolicitation:
    case Icmpv6Type::NeighbourAdvertisement:
        return append_neighbour(out, icmp, length, verbosity);
    case Icmpv6Type::Redirect:
        return append_redirect(out, icmp, length, verbosity);
    case Icmpv6Type::HomeAgentReply:
        return verbosity > 0 ? append_home_agents(out, icmp, length) : LineEnd::Whole;
    case Icmpv6Type::MobilePrefixAdvertisement:
        return verbosity > 0 ? append_mobile_prefix(out, icmp, length, verbosity) : LineEnd::Whole;
    default: // a home agent or a mobile prefix is asked for
        if (!icmp.has(6))
            return cut_short(out, "icmp6");
        put(out, ", id 0x{:04x}", icmp.u16(4));
        return LineEnd::Whole;
    }
}

} // namespace tcptrace
