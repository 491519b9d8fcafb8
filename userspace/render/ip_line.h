// SPDX-License-Identifier: Apache-2.0
// An IP packet, and with it what it carries, as tcpdump prints it: from "IP " on.
// What an ICMP error quotes is printed by the same functions, one level in.
#pragma once

#include "render/bytes.h"
#include "render/ip_protocol.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// `packet`: what was captured of it; `length`: its bytes on the wire. The first takes either
// version; the others complain of one that is not theirs.
LineEnd append_ip(std::string &out, Bytes packet, std::uint32_t length, const LineContext &context);
LineEnd append_ipv4(std::string &out, Bytes packet, std::uint32_t length,
                    const LineContext &context);
LineEnd append_ipv6(std::string &out, Bytes packet, std::uint32_t length,
                    const LineContext &context);

// The ICMP message in an IPv4 packet, and the ICMPv6 message in an IPv6 packet.
LineEnd append_icmp(std::string &out, Bytes icmp, const IpContext &ip, const LineContext &context);
LineEnd append_icmpv6(std::string &out, Bytes icmp, const IpContext &ip,
                      const LineContext &context);

std::string address_text(Bytes address);                  // 4 or 16 bytes
std::string_view protocol_name(std::uint8_t protocol);    // "TCP", as -v has it
std::string_view protocol_keyword(std::uint8_t protocol); // "tcp"; empty: has none

} // namespace tcptrace
