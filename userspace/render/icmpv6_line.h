// SPDX-License-Identifier: Apache-2.0
// The parts of an ICMPv6 message that have a file of their own. Each writes from behind the
// message's name on, and ends with Cut where the capture ends too early.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

enum class Icmpv6Type : std::uint8_t {
    Unreachable = 1,
    TooBig = 2,
    TimeExceeded = 3,
    ParameterProblem = 4,
    EchoRequest = 128,
    EchoReply = 129,
    ListenerQuery = 130,
    ListenerReport = 131,
    ListenerDone = 132,
    RouterSolicitation = 133,
    RouterAdvertisement = 134,
    NeighbourSolicitation = 135,
    NeighbourAdvertisement = 136,
    Redirect = 137,
    RouterRenumbering = 138,
    NodeQuery = 139,
    NodeReply = 140,
    InverseSolicitation = 141,
    InverseAdvertisement = 142,
    ListenerReport2 = 143,
    HomeAgentRequest = 144,
    HomeAgentReply = 145,
    MobilePrefixSolicitation = 146,
    MobilePrefixAdvertisement = 147,
    Rpl = 155,
    TraceReply = 200,
    TraceRequest = 201,
};

inline constexpr std::size_t icmpv6_header = 8;

// "destination unreachable", or nothing for a type without a name.
[[nodiscard]] std::string_view icmpv6_name(Icmpv6Type type);

// `length`: of the message, by the IPv6 header.
LineEnd append_icmpv6_error(std::string &out, Bytes icmp, const LineOptions &options);
LineEnd append_icmpv6_neighbour(std::string &out, Bytes icmp, std::uint32_t length,
                                const LineOptions &options);
LineEnd append_icmpv6_multicast(std::string &out, Bytes icmp, std::uint32_t length,
                                const LineOptions &options);
LineEnd append_icmpv6_node(std::string &out, Bytes icmp, std::uint32_t length,
                           const LineOptions &options);

// The options of neighbour discovery, for -v; `length`: theirs.
LineEnd append_neighbour_options(std::string &out, Bytes options, std::uint32_t length,
                                 const LineOptions &line);

// "onlink, auto" of the bits that are set; "none".
struct BitName {
    std::uint32_t bit;
    std::string_view name;
};
void append_bits(std::string &out, std::uint32_t bits, std::span<const BitName> names);
[[nodiscard]] std::string_view router_preference(std::uint8_t flags); // RFC 4191 §2.1

} // namespace tcptrace
