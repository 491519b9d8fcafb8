// SPDX-License-Identifier: Apache-2.0
// The IPv6 extension headers that may stand before TCP and ICMPv6, as tcpdump prints them.
#pragma once

#include "render/bytes.h"
#include "render/line_options.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// What lies behind them.
struct Ipv6Upper {
    std::uint32_t offset = 40; // from the start of the packet
    std::uint8_t protocol = 0;
    bool whole = true; // false: cut by the capture
    bool fragmented = false;
    bool ends_here = false; // a fragment that is not the first: no header in it
    Bytes destination;      // in the end, after a source route
};

// `length`: the packet's bytes by its header.
Ipv6Upper append_ipv6_extensions(std::string &out, Bytes packet, std::uint32_t length,
                                 const LineOptions &line);

} // namespace tcptrace
