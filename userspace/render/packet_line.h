// SPDX-License-Identifier: Apache-2.0
// The segment, or the ICMP error, that an event or evidence is about, as tcpdump 4.99 prints
// it: the packet within, where a tunnel carries it. Whole packets, from the link header on,
// are packet_printer.h's. The time in front is render/time_column.h's, the mark behind is
// render/mark.h's.
#pragma once

#include "core/observation.h"
#include "render/line_options.h"

#include <string>

namespace tcptrace {

// Of a packet without bytes (a sweep's or the stack's) what is known, in the same shape.
void append_packet_line(std::string &out, const PacketView &packet, const LineOptions &options);
[[nodiscard]] std::string packet_line(const PacketView &packet, const LineOptions &options);
// Of one packet by itself, whatever it is, from its link header on.
[[nodiscard]] std::string whole_packet_line(const PacketView &packet, const LineOptions &options);

} // namespace tcptrace
