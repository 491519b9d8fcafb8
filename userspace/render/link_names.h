// SPDX-License-Identifier: Apache-2.0
// The words for what link headers hold, as tcpdump 4.99.3 has them: ethertypes, the access
// points of 802.2, vendors, hardware addresses.
#pragma once

#include "render/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// Each is empty for what has no name.
[[nodiscard]] std::string_view ethertype_name(std::uint16_t ethertype);
[[nodiscard]] std::string_view access_point_name(std::uint8_t access_point); // DSAP, SSAP
[[nodiscard]] std::string_view vendor_name(std::uint32_t oui);
[[nodiscard]] std::string_view cisco_protocol_name(std::uint16_t pid);
[[nodiscard]] std::string_view bridged_protocol_name(std::uint16_t pid); // RFC 2684

void append_mac(std::string &out, Bytes address); // "02:00:00:00:00:01", of any length
// "ethertype IPv4 (0x0800)", with -q "IPv4".
void append_ethertype(std::string &out, std::uint16_t ethertype, bool quick);
[[nodiscard]] std::string_view or_unknown(std::string_view name); // "Unknown" for none

} // namespace tcptrace
