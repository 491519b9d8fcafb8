// SPDX-License-Identifier: Apache-2.0
// The Multipath TCP option (kind 30, RFC 6824 and RFC 8684) as tcpdump prints it.
#pragma once

#include "render/bytes.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// `option` begins with kind and length and is whole. False: malformed.
bool append_mptcp_option(std::string &out, Bytes option, std::uint8_t flags);

} // namespace tcptrace
