// SPDX-License-Identifier: Apache-2.0
// The Internet checksum (RFC 1071), for the verdicts of -v.
#pragma once

#include "render/bytes.h"

#include <cstdint>

namespace tcptrace {

// Ones' complement sum of 16-bit words, added to `sum`.
[[nodiscard]] std::uint32_t checksum_add(std::uint32_t sum, Bytes bytes);
// Of the addresses, protocol and length that TCP, UDP and ICMPv6 sum as well.
[[nodiscard]] std::uint32_t pseudo_header_sum(Bytes source, Bytes destination,
                                              std::uint8_t protocol, std::uint32_t length);
// Takes a number out of a sum that it is part of.
[[nodiscard]] std::uint32_t checksum_subtract(std::uint32_t sum, std::uint32_t number);
// 0 when a sum that includes the checksum field is right.
[[nodiscard]] std::uint16_t checksum_finish(std::uint32_t sum);
// What the field should have held, given what it holds and what finish() returned.
[[nodiscard]] std::uint16_t checksum_should_be(std::uint16_t held, std::uint16_t finished);

} // namespace tcptrace
