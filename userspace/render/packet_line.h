// SPDX-License-Identifier: Apache-2.0
// A packet as tcpdump 4.99 prints it, character for character, for what tcptrace decodes:
// TCP, UDP, DNS, ICMP and ICMPv6 over IPv4 and IPv6. Addresses and ports are numeric.
// The time in front is render/time_column.h's, the mark behind is render/mark.h's.
#pragma once

#include "core/observation.h"
#include "render/line_context.h"
#include "render/line_options.h"

#include <string>

namespace tcptrace {

// Of a packet without bytes (a sweep's or the stack's) what is known, in the same shape.
// `printed`: where packets are printed one after another, what is known of those before.
void append_packet_line(std::string &out, const PacketView &packet, const LineOptions &options,
                        SequenceNumbers *printed = nullptr);
[[nodiscard]] std::string packet_line(const PacketView &packet, const LineOptions &options);

} // namespace tcptrace
