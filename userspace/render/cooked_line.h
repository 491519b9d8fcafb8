// SPDX-License-Identifier: Apache-2.0
// Linux cooked headers (SLL, SLL2) as tcpdump prints them, and packets of several interfaces
// in one stream, which are printed as if they had been captured that way.
#pragma once

#include "core/observation.h"
#include "render/line_context.h"

#include <string>

namespace tcptrace {

// "eth0  Out ": what stands in front where packets of several interfaces meet.
void append_interface(std::string &out, const PacketView &packet);

LineEnd append_cooked(std::string &out, const PacketView &packet, const LineContext &context);
LineEnd append_cooked_v2(std::string &out, const PacketView &packet, const LineContext &context);
// Of any link: the line that `-i any` would have given.
LineEnd append_as_cooked(std::string &out, const PacketView &packet, const LineContext &context);

} // namespace tcptrace
