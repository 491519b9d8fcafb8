// SPDX-License-Identifier: Apache-2.0
// ICMP errors in a few words, for marks and for people.
#pragma once

#include "core/observation.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tcptrace {

// "host unreachable", "fragmentation needed"; "unreachable" for a code without a name.
[[nodiscard]] std::string_view icmp_words(std::uint8_t family, std::uint8_t type,
                                          std::uint8_t code);
// Who sent it: the outer header's source, if the frame is there.
[[nodiscard]] std::optional<Address> icmp_sender(const PacketView &packet);

} // namespace tcptrace
