// SPDX-License-Identifier: Apache-2.0
// SHA-1 (FIPS 180-4), for Community ID, which is defined by it; not for security.
//
// Our own forty lines: OpenSSL's static libcrypto would add megabytes to the binary for
// one block of input, and its SHA1_* functions are deprecated.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace tcptrace {

[[nodiscard]] std::array<std::uint8_t, 20> sha1(std::span<const std::uint8_t> message);

} // namespace tcptrace
