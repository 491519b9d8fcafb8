// SPDX-License-Identifier: Apache-2.0
#include "render/icmp_words.h"

#include "render/bytes.h"

#include <tcptrace/read_segment.h>

#include <array>

namespace tcptrace {

namespace {

// RFC 792 and RFC 1812 §5.2.7.1, by code.
constexpr std::array<std::string_view, 16> unreachable{"net unreachable",
                                                       "host unreachable",
                                                       "protocol unreachable",
                                                       "port unreachable",
                                                       "fragmentation needed",
                                                       "source route failed",
                                                       "net unknown",
                                                       "host unknown",
                                                       "source host isolated",
                                                       "net prohibited",
                                                       "host prohibited",
                                                       "net unreachable for this service",
                                                       "host unreachable for this service",
                                                       "admin prohibited",
                                                       "precedence violation",
                                                       "precedence cutoff"};

// RFC 4443 §3.1, by code.
constexpr std::array<std::string_view, 7> unreachable6{
    "no route",         "admin prohibited", "beyond scope",  "address unreachable",
    "port unreachable", "source refused",   "route rejected"};

} // namespace

std::string_view icmp_words(std::uint8_t family, std::uint8_t type, std::uint8_t code)
{
    if (family == TT_IPV4) {
        if (type == TT_ICMP_UNREACHABLE)
            return code < unreachable.size() ? unreachable[code] : "unreachable";
        if (type == TT_ICMP_TIME_EXCEEDED)
            return code == 0 ? "time exceeded" : "reassembly time exceeded";
        return "ICMP error";
    }
    if (type == TT_ICMPV6_UNREACHABLE)
        return code < unreachable6.size() ? unreachable6[code] : "unreachable";
    if (type == TT_ICMPV6_TOO_BIG)
        return "packet too big";
    if (type == TT_ICMPV6_TIME_EXCEEDED)
        return code == 0 ? "hop limit exceeded" : "reassembly time exceeded";
    return "ICMPv6 error";
}

std::optional<Address> icmp_sender(const PacketView &packet)
{
    const bool v4 = packet.segment.family == TT_IPV4;
    const std::size_t size = v4 ? 4 : 16;
    const Bytes address = Bytes(packet.bytes)
                              .from(packet.segment.network_offset + (v4 ? std::size_t{12} : 8))
                              .first(size);

    if (!address.has(size))
        return std::nullopt;
    Address sender;
    sender.family = v4 ? TT_IPV4 : TT_IPV6;
    tt_copy_address(&sender.raw, address.span().data(), sender.family);
    return sender;
}

} // namespace tcptrace
