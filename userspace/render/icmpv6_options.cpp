// SPDX-License-Identifier: Apache-2.0
// The options of neighbour discovery: RFC 4861 §4.6, RFC 4191 (routes), RFC 8106 (name servers),
// RFC 6275 (home agents). One line each, as tcpdump -v has them.
#include "render/icmpv6_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

enum class Option : std::uint8_t {
    SourceLink = 1,
    TargetLink = 2,
    Prefix = 3,
    RedirectedHeader = 4,
    Mtu = 5,
    AdvertisementInterval = 7,
    HomeAgent = 8,
    Route = 24,
    NameServers = 25,
    SearchList = 31,
};

constexpr std::size_t option_header = 2;
constexpr std::string_view indent = "\n\t    ";

constexpr std::array prefix_flags{BitName{0x80, "onlink"}, BitName{0x40, "auto"},
                                  BitName{0x20, "router"}};

std::string_view option_name(Option option)
{
    switch (option) {
    case Option::SourceLink:
        return "source link-address";
    case Option::TargetLink:
        return "destination link-address";
    case Option::Prefix:
        return "prefix info";
    case Option::RedirectedHeader:
        return "redirected header";
    case Option::Mtu:
        return "mtu";
    case Option::AdvertisementInterval:
        return "advertisement interval";
    case Option::HomeAgent:
        return "homeagent information";
    case Option::Route:
        return "route info";
    case Option::NameServers:
        return "rdnss";
    case Option::SearchList:
        return "dnssl";
    }
    return "unknown";
}

std::string lifetime(std::uint32_t seconds)
{
    return seconds == 0xffffffff ? "infinity" : fmt::format("{}s", seconds);
}

void append_link_address(std::string &out, Bytes address)
{
    for (std::size_t i = 0; i < address.size(); i++)
        put(out, "{}{:02x}", i > 0 ? ":" : "", address.u8(i));
}

// False: what follows is beyond the captured bytes; `rest` is not cut at the option's end.
bool append_prefix(std::string &out, Bytes rest, std::size_t size, const Names *names)
{
    if (!rest.has(32))
        return false;
    put(out, "{}/{}{}, Flags [", host_text(rest.from(16).first(16), names), rest.u8(2),
        size != 32 ? "badlen" : "");
    append_bits(out, rest.u8(3), prefix_flags);
    put(out, "], valid time {}, pref. time {}", lifetime(rest.u32(4)), lifetime(rest.u32(8)));
    return true;
}

void append_name_servers(std::string &out, Bytes option, const Names *names)
{
    put(out, " lifetime {}s,", option.u32(4));
    for (std::size_t at = 8; at + 16 <= option.size(); at += 16)
        put(out, " addr: {}", host_text(option.from(at).first(16), names));
}

// Names as DNS writes them; RFC 8106 §5.2 forbids compression.
bool append_search_list(std::string &out, Bytes option)
{
    put(out, " lifetime {}s, domain(s):", option.u32(4));
    for (std::size_t at = 8; option.u8(at) != 0; at++) {
        out += ' ';
        for (; option.u8(at) != 0; at += option.u8(at) + std::size_t{1}) {
            const Bytes label = option.from(at + 1).first(option.u8(at));
            if (option.u8(at) >= 0x40 || !label.has(option.u8(at)))
                return false;
            append_safe(out, label.span());
            out += '.';
        }
    }
    return true;
}

bool append_route(std::string &out, Bytes rest, std::size_t size)
{
    std::array<std::uint8_t, 16> prefix{};

    if (size > 24 || !rest.has(size))
        return false;
    std::ranges::copy(rest.from(8).first(size - 8).span(), prefix.begin());
    put(out, " {}/{}, pref={}, lifetime={}", address_text(Bytes(prefix)), rest.u8(2),
        router_preference(rest.u8(3)), lifetime(rest.u32(4)));
    return true;
}

// False: it is cut, or not what it says it is.
bool append_known(std::string &out, Bytes rest, std::size_t size, const Names *names)
{
    const Bytes option = rest.first(size);

    switch (Option{option.u8(0)}) {
    case Option::SourceLink:
    case Option::TargetLink:
        append_link_address(out, option.from(option_header));
        return true;
    case Option::Prefix:
        return append_prefix(out, rest, size, names);
    case Option::Mtu:
        put(out, " {}{}", option.u32(4), size != 8 ? "bad option length" : "");
        return true;
    case Option::NameServers:
        append_name_servers(out, option, names);
        return true;
    case Option::SearchList:
        return append_search_list(out, option);
    case Option::AdvertisementInterval:
        put(out, " {}ms", option.u32(4));
        return true;
    case Option::HomeAgent:
        put(out, " preference {}, lifetime {}", option.u16(4), option.u16(6));
        return true;
    case Option::Route:
        return append_route(out, rest, size);
    default:
        return true;
    }
}

} // namespace

std::string_view router_preference(std::uint8_t flags)
{
    constexpr std::array<std::string_view, 4> names{"medium", "high", "rsv", "low"};
    return names[flags >> 3 & 3];
}

void append_bits(std::string &out, std::uint32_t bits, std::span<const BitName> names)
{
    std::string_view separator;

    for (const BitName &each : names) {
        if (!(bits & each.bit))
            continue;
        out += separator;
        out += each.name;
        separator = ", ";
    }
    if (separator.empty())
        out += "none";
}

LineEnd append_neighbour_options(std::string &out, Bytes options, std::uint32_t length,
                                 const LineOptions &line)
{
    for (std::size_t at = 0; options.has(at + 1) && at < length;) {
        const Bytes rest = options.from(at);
        const std::size_t size = static_cast<std::size_t>(rest.u8(1)) * 8;
        const Option kind{rest.u8(0)};
        if (size == 0 || !rest.has(size))
            return cut_short(out, "icmp6");
        put(out, "\n\t  {} option ({}), length {} ({}): ", option_name(kind), rest.u8(0), size,
            size / 8);
        if (!append_known(out, rest, size, line.names))
            return cut_short(out, "icmp6");
        // tcpdump shows the bytes of the first option in place of these.
        if (kind == Option::RedirectedHeader)
            append_hex_block(out, options.first(size).span(), indent);
        const auto payload = rest.first(size).from(option_header).span();
        if (option_name(kind) == "unknown" && line.verbosity <= 1) {
            append_hex_block(out, payload, "\n\t  ");
            return LineEnd::Whole;
        }
        if (line.verbosity > 1)
            append_hex_block(out, payload, indent);
        at += size;
    }
    return LineEnd::Whole;
}

} // namespace tcptrace
