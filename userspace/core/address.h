// SPDX-License-Identifier: Apache-2.0
// Addresses and endpoints as values: comparison, and text as RFC 5952 and tcpdump
// write them. No name resolution here.
#pragma once

#include <tcptrace/flow_key.h>

#include <compare>
#include <cstdint>
#include <cstring>
#include <string>

namespace tcptrace {

struct Address {
    tt_address raw{}; // network byte order, IPv4 as IPv4-mapped IPv6
    std::uint8_t family = TT_IPV4;

    friend bool operator==(const Address &a, const Address &b)
    {
        return std::memcmp(&a.raw, &b.raw, sizeof a.raw) == 0;
    }
    friend std::strong_ordering operator<=>(const Address &a, const Address &b)
    {
        return std::memcmp(&a.raw, &b.raw, sizeof a.raw) <=> 0;
    }
};

struct Endpoint {
    Address address;
    std::uint16_t port = 0; // host byte order

    friend auto operator<=>(const Endpoint &, const Endpoint &) = default;
};

// The two ends of a connection, the one that sent the SYN first where that is known.
struct Connection {
    Endpoint initiator;
    Endpoint responder;

    friend auto operator<=>(const Connection &, const Connection &) = default;
};

[[nodiscard]] std::string to_string(const Address &address); // "192.0.2.1", "2001:db8::1"

} // namespace tcptrace
