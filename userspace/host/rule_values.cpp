// SPDX-License-Identifier: Apache-2.0
#include "host/rule_values.h"

#include <tcptrace/segment.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>
#include <string>

namespace tcptrace {

namespace {

struct Word {
    std::string_view name;
    std::uint64_t value;
};

constexpr std::array protocols{
    Word{"icmp", IPPROTO_ICMP},
    Word{"igmp", IPPROTO_IGMP},
    Word{"tcp", IPPROTO_TCP},
    Word{"udp", IPPROTO_UDP},
    Word{"dccp", IPPROTO_DCCP},
    Word{"gre", IPPROTO_GRE},
    Word{"esp", IPPROTO_ESP},
    Word{"ah", IPPROTO_AH},
    Word{"icmpv6", IPPROTO_ICMPV6},
    Word{"comp", IPPROTO_COMP},
    Word{"ipv6-icmp", IPPROTO_ICMPV6},
    Word{"sctp", IPPROTO_SCTP},
    Word{"ospf", 89},
    Word{"vrrp", 112},
    Word{"ipencap", IPPROTO_IPIP},
    Word{"ipv6", IPPROTO_IPV6},
    Word{"udplite", IPPROTO_UDPLITE},
};
constexpr std::array tcp_flags{
    Word{"fin", TT_FIN}, Word{"syn", TT_SYN}, Word{"rst", TT_RST}, Word{"psh", TT_PSH},
    Word{"ack", TT_ACK}, Word{"urg", TT_URG}, Word{"ecn", TT_ECE}, Word{"cwr", TT_CWR},
};
constexpr std::array conntrack_states{
    Word{"invalid", conntrack_invalid},     Word{"established", conntrack_established},
    Word{"related", conntrack_related},     Word{"new", conntrack_new},
    Word{"untracked", conntrack_untracked},
};

// nft writes small letters, iptables capitals.
std::optional<std::uint64_t> look_up(std::span<const Word> words, std::string_view name)
{
    const auto same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b | 0x20 : b); };
    for (const Word &word : words)
        if (std::ranges::equal(word.name, name, same))
            return word.value;
    return decimal(name);
}

} // namespace

RuleValue rule_number(std::uint64_t number)
{
    RuleValue value{};
    for (auto byte = value.rbegin(); number != 0; number >>= 8)
        *byte++ = static_cast<std::uint8_t>(number);
    return value;
}

ValueRange number_range(std::uint64_t low, std::uint64_t high)
{
    return {rule_number(low), rule_number(high)};
}

ValueRange single(const RuleValue &value)
{
    return {value, value};
}

std::optional<std::uint64_t> decimal(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<RuleValue> rule_address(std::string_view text)
{
    const std::string name(text);
    RuleValue value{};
    if (inet_pton(AF_INET6, name.c_str(), value.data()) == 1)
        return value;
    value.fill(0);
    value[10] = value[11] = 0xff;
    if (inet_pton(AF_INET, name.c_str(), &value[12]) == 1)
        return value;
    return std::nullopt;
}

std::optional<ValueRange> prefix_range(std::string_view address, std::uint64_t length)
{
    const auto value = rule_address(address);
    const bool ipv4 = address.find(':') == std::string_view::npos;
    if (!value || length > (ipv4 ? 32 : 128))
        return std::nullopt;
    const std::size_t kept = length + (ipv4 ? 96 : 0);
    ValueRange range = single(*value);
    for (std::size_t bit = kept; bit < 128; ++bit) {
        const auto one = static_cast<std::uint8_t>(0x80U >> bit % 8);
        range.low[bit / 8] &= static_cast<std::uint8_t>(~one);
        range.high[bit / 8] |= one;
    }
    return range;
}

std::optional<ValueRange> interface_range(std::string_view name, char wildcard)
{
    const bool all = name.ends_with(wildcard);
    if (all)
        name.remove_suffix(1);
    if (name.size() >= RuleValue{}.size())
        return std::nullopt;
    ValueRange range;
    range.high.fill(all ? 0xff : 0);
    std::ranges::copy(name, range.low.begin());
    std::ranges::copy(name, range.high.begin());
    return range;
}

std::optional<std::uint64_t> protocol_number(std::string_view name)
{
    return look_up(protocols, name);
}

std::optional<std::uint64_t> tcp_flag_bit(std::string_view name)
{
    return look_up(tcp_flags, name);
}

std::optional<std::uint64_t> conntrack_bit(std::string_view name)
{
    return look_up(conntrack_states, name);
}

} // namespace tcptrace
