// SPDX-License-Identifier: Apache-2.0
// A TCP segment as tcpdump prints it, from the ports on.
#pragma once

#include "render/bytes.h"
#include "render/ip_protocol.h"

#include <cstdint>
#include <string>

namespace tcptrace {

LineEnd append_tcp(std::string &out, Bytes tcp, const IpContext &ip, const LineContext &context);

void append_tcp_flags(std::string &out, std::uint8_t flags); // "S.", "none"

} // namespace tcptrace
