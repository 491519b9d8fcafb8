// SPDX-License-Identifier: Apache-2.0
// DNS messages as tcpdump prints them behind the ports. What carried them is udp_line.h's and
// tcp_line.h's.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// `message`: what was captured, to the end of the IP packet; `length`: as UDP says.
LineEnd append_dns(std::string &out, Bytes message, std::uint32_t length,
                   const LineContext &context);
// Multicast DNS (RFC 6762)
LineEnd append_mdns(std::string &out, Bytes message, std::uint32_t length,
                    const LineContext &context);
// With the two bytes of length that stand before a message on TCP (RFC 1035 §4.2.2): told only
// when the segment holds one message, whole.
LineEnd append_dns_over_tcp(std::string &out, Bytes payload, std::uint32_t length,
                            const LineContext &context);

} // namespace tcptrace
