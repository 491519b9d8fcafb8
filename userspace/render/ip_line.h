// SPDX-License-Identifier: Apache-2.0
// An IP packet that carries TCP, or an ICMP error, as tcpdump prints it: from "IP " on.
// What an ICMP error quotes is printed by the same functions, one level in.
#pragma once

#include "render/bytes.h"
#include "render/line_options.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// What is taken off the numbers of the TCP segment in the packet.
struct SequenceOrigin {
    bool relative = false;
    std::uint32_t sequence = 0;
    std::uint32_t ack = 0;
};

// How the printing of a packet ended: whole, or with the protocol whose header was cut
// by the capture; then nothing is printed behind " [|tcp]".
enum class LineEnd : bool { Whole, Cut };

// `packet`: what was captured of it; `length`: its bytes on the wire.
LineEnd append_ip(std::string &out, Bytes packet, std::uint32_t length,
                  const SequenceOrigin &origin, const LineOptions &options);
LineEnd append_ipv6(std::string &out, Bytes packet, std::uint32_t length,
                    const SequenceOrigin &origin, const LineOptions &options);

// The ICMP message in an IPv4 packet, and the ICMPv6 message in an IPv6 packet.
LineEnd append_icmp(std::string &out, Bytes icmp, std::uint32_t length,
                    const SequenceOrigin &quoted_origin, const LineOptions &options);
LineEnd append_icmpv6(std::string &out, Bytes icmp, std::uint32_t length, std::uint32_t pseudo_sum,
                      const LineOptions &options);

// " [|tcp]" and the like.
LineEnd cut_short(std::string &out, std::string_view protocol);
std::string address_text(Bytes address); // 4 or 16 bytes
std::string_view protocol_name(std::uint8_t protocol);

} // namespace tcptrace
