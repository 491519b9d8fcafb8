// SPDX-License-Identifier: Apache-2.0
// The bytes of a packet behind its line, as tcpdump's -x, -X and -A lay them out. Not what a
// protocol's printer shows of data within it: that is text.h's append_hex_block().
#pragma once

#include "core/observation.h"
#include "render/bytes.h"
#include "render/line_options.h"

#include <string>

namespace tcptrace {

// Lines of "0x0000:  4500 003c ...  E..<", each behind a newline and a tab: what tcpdump also
// shows of a payload that it cannot name.
void append_hex_ascii(std::string &out, Bytes bytes);

// All that was captured, padding included; without the link header unless `dump` says so.
// Begins with a newline, ends without one; nothing where there is nothing to show.
void append_dump(std::string &out, Dump dump, const PacketView &packet);

} // namespace tcptrace
