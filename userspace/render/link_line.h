// SPDX-License-Identifier: Apache-2.0
// A whole packet as tcpdump prints it, from its link header on. Lines of events and evidence
// begin at the segment that they are about: packet_line.h.
#pragma once

#include "core/observation.h"
#include "render/line_context.h"

#include <string>

namespace tcptrace {

LineEnd append_link(std::string &out, const PacketView &packet, const LineContext &context);

} // namespace tcptrace
