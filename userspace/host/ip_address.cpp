// SPDX-License-Identifier: Apache-2.0
#include "host/ip_address.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t v4_bytes = 4;
constexpr std::size_t v6_bytes = 16;

} // namespace

std::uint8_t kernel_family(const Address &address)
{
    return address.family == TT_IPV4 ? AF_INET : AF_INET6;
}

std::span<const std::uint8_t> kernel_bytes(const Address &address)
{
    const std::span<const std::uint8_t> all(address.raw.bytes);
    return address.family == TT_IPV4 ? all.last(v4_bytes) : all;
}

std::optional<Address> from_kernel(int family, std::span<const std::uint8_t> bytes)
{
    Address address;

    if (family == AF_INET && bytes.size() >= v4_bytes) {
        std::ranges::copy(v4_mapped, address.raw.bytes);
        std::ranges::copy(bytes.first(v4_bytes), address.raw.bytes + v4_mapped.size());
        return address;
    }
    if (family == AF_INET6 && bytes.size() >= v6_bytes) {
        std::ranges::copy(bytes.first(v6_bytes), address.raw.bytes);
        address.family =
            std::ranges::equal(bytes.first(v4_mapped.size()), v4_mapped) ? TT_IPV4 : TT_IPV6;
        return address;
    }
    return std::nullopt;
}

bool is_any(const Address &address)
{
    return std::ranges::all_of(kernel_bytes(address), [](auto byte) { return byte == 0; });
}

bool is_loopback(const Address &address)
{
    const auto bytes = kernel_bytes(address);
    if (address.family == TT_IPV4)
        return bytes[0] == 127;
    return bytes.back() == 1 &&
           std::ranges::all_of(bytes.first(bytes.size() - 1), [](auto byte) { return byte == 0; });
}

} // namespace tcptrace
