// SPDX-License-Identifier: Apache-2.0
// A TCP segment as tcpdump prints it, from the ports on.
#pragma once

#include "render/bytes.h"
#include "render/ip_line.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// What the segment's surroundings say of it.
struct TcpContext {
    std::string_view source;      // addresses as text; empty: only ports are printed,
    std::string_view destination; // as after IPv6 extension headers
    std::uint32_t length = 0;     // header and payload by the IP header
    std::uint32_t pseudo_sum = 0; // pseudo_header_sum() for the checksum
    bool checks = true;           // the checksum can be judged (no fragment)
    bool relative = false;        // numbers less these origins
    std::uint32_t sequence_origin = 0;
    std::uint32_t ack_origin = 0;
};

LineEnd append_tcp(std::string &out, Bytes tcp, const TcpContext &context,
                   const LineOptions &options);

void append_tcp_flags(std::string &out, std::uint8_t flags); // "S.", "none"

} // namespace tcptrace
