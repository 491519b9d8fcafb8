// SPDX-License-Identifier: Apache-2.0
// What tcpdump adds to a segment of a text protocol it knows by its port: HTTP, FTP,
// SMTP, RTSP, WHOIS, SSH. Other protocols' tails are not printed here.
#pragma once

#include "render/bytes.h"

#include <array>
#include <cstdint>
#include <string>

namespace tcptrace {

// False: none is known by these ports. `payload`: what was captured of `length` bytes.
bool append_text_protocol(std::string &out, Bytes payload, std::uint32_t length,
                          std::array<std::uint16_t, 2> ports, int verbosity);

} // namespace tcptrace
