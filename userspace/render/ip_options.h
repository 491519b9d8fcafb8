// SPDX-License-Identifier: Apache-2.0
// IPv4 options as tcpdump -v prints them between the parentheses of "options (...)".
#pragma once

#include "render/bytes.h"

#include <cstdint>
#include <string>

namespace tcptrace {

class Names;

// False: cut by the capture.
bool append_ip_options(std::string &out, Bytes options, std::uint32_t length, const Names *names);

// Where the packet goes in the end: the last hop of a source route, which is what TCP
// sums, or the header's destination.
[[nodiscard]] Bytes final_destination(Bytes packet, std::uint32_t header);

} // namespace tcptrace
