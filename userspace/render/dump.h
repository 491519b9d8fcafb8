// SPDX-License-Identifier: Apache-2.0
// The bytes of a packet behind its line, as tcpdump's -x, -X and -A lay them out. Not what a
// protocol's printer shows of data it does not know: that is text.h's append_hex_block().
#pragma once

#include "core/observation.h"
#include "render/line_options.h"

#include <string>

namespace tcptrace {

// All that was captured, padding included; without the link header unless `dump` says so.
// Begins with a newline, ends without one; nothing where there is nothing to show.
void append_dump(std::string &out, Dump dump, const PacketView &packet);

} // namespace tcptrace
