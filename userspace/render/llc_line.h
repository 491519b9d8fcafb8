// SPDX-License-Identifier: Apache-2.0
// 802.2 headers and SNAP as tcpdump prints them. STP, CDP, IPX and their like are not
// decoded: they print as an unknown payload does.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// Of the frame; empty where the link header has none.
struct LinkAddresses {
    Bytes source;
    Bytes destination;
};

LineEnd append_llc(std::string &out, Bytes llc, std::uint32_t length, const LinkAddresses &ends,
                   const LineContext &context);

} // namespace tcptrace
