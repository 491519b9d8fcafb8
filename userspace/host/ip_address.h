// SPDX-License-Identifier: Apache-2.0
// Addresses between the kernel's form (a family and 4 or 16 bytes) and ours.
#pragma once

#include "core/address.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tcptrace {

[[nodiscard]] std::uint8_t kernel_family(const Address &address); // AF_INET, AF_INET6
[[nodiscard]] std::span<const std::uint8_t> kernel_bytes(const Address &address);

// From the first bytes of what the kernel gave; empty if they are too few, or the family is
// none of the two. An IPv4-mapped IPv6 address becomes the IPv4 address it stands for.
[[nodiscard]] std::optional<Address> from_kernel(int family, std::span<const std::uint8_t> bytes);

[[nodiscard]] bool is_any(const Address &address);
[[nodiscard]] bool is_loopback(const Address &address); // local in every namespace

} // namespace tcptrace
