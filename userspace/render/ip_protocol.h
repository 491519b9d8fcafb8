// SPDX-License-Identifier: Apache-2.0
// What an IP packet carries, by its protocol number: the one place where IPv4 and IPv6
// meet TCP, UDP, ICMP and tunnels.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// What the IP header says of what is behind it.
struct IpContext {
    std::string_view source;      // addresses as text; empty: only ports are printed,
    std::string_view destination; // as after IPv6 extension headers
    Bytes addresses;              // both, as the header has them
    std::uint32_t length = 0;     // bytes behind the IP headers, by these
    std::uint32_t pseudo_sum = 0; // pseudo_header_sum() for the checksum
    bool ipv6 = false;
    bool fragmented = false; // the first of several: its checksum cannot be judged
};

// Do TCP and its like print the addresses themselves, with their ports?
[[nodiscard]] bool prints_own_ends(std::uint8_t protocol);

// "192.0.2.1.5000 > 192.0.2.2.53: "; `ports` begins with them.
void append_ends(std::string &out, Bytes ports, std::uint8_t protocol, const IpContext &ip,
                 const Names *names);

LineEnd append_ip_protocol(std::string &out, std::uint8_t protocol, Bytes payload,
                           const IpContext &ip, const LineContext &context);

} // namespace tcptrace
