// SPDX-License-Identifier: Apache-2.0
#include "support/random_filter.h"

#include <fmt/format.h>

#include <array>

namespace tcptrace::test {

namespace {

constexpr std::array primitives{"ip",
                                "ip6",
                                "tcp",
                                "udp",
                                "icmp",
                                "arp",
                                "vlan",
                                "port 80",
                                "port 53",
                                "src port 443",
                                "dst port 22",
                                "portrange 1-1023",
                                "host 10.0.0.1",
                                "src host 192.168.1.1",
                                "net 10.0.0.0/8",
                                "net fe80::/10",
                                "ether broadcast",
                                "ip multicast",
                                "less 100",
                                "greater 200",
                                "ip proto 6",
                                "mpls"};
constexpr std::array headers{"ether", "ip", "ip6", "tcp", "udp", "icmp", "arp"};
constexpr std::array sizes{"1", "2", "4"};
constexpr std::array operators{"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"};
constexpr std::array relations{"=", "!=", "<", "<=", ">", ">="};
constexpr std::array constants{"0",  "1",  "2",    "4",    "6",      "10",         "15",
                               "17", "20", "0x45", "0x80", "0x0800", "0x0a000001", "0xffffffff"};

} // namespace

unsigned RandomFilter::below(unsigned limit)
{
    return static_cast<unsigned>(random_()) % limit; // the same with every standard library
}

template <typename Words>
const char *RandomFilter::one_of(const Words &words)
{
    return words[below(static_cast<unsigned>(words.size()))];
}

std::string RandomFilter::bytes(int depth)
{
    const std::string offset =
        depth > 0 && below(3) == 0 ? number(depth - 1) : std::to_string(below(48));
    return fmt::format("{}[{}:{}]", one_of(headers), offset, one_of(sizes));
}

std::string RandomFilter::number(int depth)
{
    const unsigned kind = below(depth > 0 ? 6 : 3);
    if (kind == 0)
        return one_of(constants);
    if (kind == 1)
        return below(3) == 0 ? "len" : bytes(depth);
    if (kind == 2)
        return bytes(depth);
    return fmt::format("({} {} {})", number(depth - 1), one_of(operators), number(depth - 1));
}

std::string RandomFilter::comparison()
{
    return fmt::format("{} {} {}", number(2), one_of(relations),
                       below(2) == 0 ? one_of(constants) : number(1));
}

std::string RandomFilter::primitive()
{
    const std::string inner = below(2) == 0 ? one_of(primitives) : comparison();
    return below(4) == 0 ? "not (" + inner + ")" : inner;
}

std::string RandomFilter::next()
{
    std::string text = primitive();
    for (unsigned more = below(4); more > 0; more--) {
        const char *joint = below(3) == 0 ? "or" : "and";
        text = below(3) == 0
                   ? fmt::format("{} {} ({} or {})", text, joint, primitive(), primitive())
                   : fmt::format("{} {} {}", text, joint, primitive());
    }
    return text;
}

} // namespace tcptrace::test
