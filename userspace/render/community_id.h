// SPDX-License-Identifier: Apache-2.0
// Community ID v1: one name for a connection in Zeek, Suricata, Wireshark and here.
// https://github.com/corelight/community-id-spec
#pragma once

#include "core/address.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// The same for both directions. `protocol`: IP's number (6: TCP).
[[nodiscard]] std::string community_id(const Endpoint &a, const Endpoint &b,
                                       std::uint8_t protocol = 6);

} // namespace tcptrace
