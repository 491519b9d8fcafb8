// SPDX-License-Identifier: Apache-2.0
// A UDP datagram as tcpdump prints it, from the ports on. What it carries is told by its port;
// of protocols that tcptrace does not decode, the length alone.
#pragma once

#include "render/bytes.h"
#include "render/ip_protocol.h"

#include <string>

namespace tcptrace {

LineEnd append_udp(std::string &out, Bytes udp, const IpContext &ip, const LineContext &context);

} // namespace tcptrace
