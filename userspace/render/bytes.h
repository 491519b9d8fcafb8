// SPDX-License-Identifier: Apache-2.0
// Captured bytes that cannot be read outside of: what is not there reads as zero, and
// has() tells whether it is. Packets are hostile; everything in render/ reads through this.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tcptrace {

class Bytes {
public:
    Bytes() = default;
    explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] bool has(std::size_t count) const { return count <= bytes_.size(); }
    [[nodiscard]] std::span<const std::uint8_t> span() const { return bytes_; }

    [[nodiscard]] std::uint8_t u8(std::size_t at) const
    {
        return at < bytes_.size() ? bytes_[at] : std::uint8_t{0};
    }
    [[nodiscard]] std::uint16_t u16(std::size_t at) const
    {
        return static_cast<std::uint16_t>(u8(at) << 8 | u8(at + 1));
    }
    [[nodiscard]] std::uint32_t u32(std::size_t at) const
    {
        return static_cast<std::uint32_t>(u16(at)) << 16 | u16(at + 2);
    }
    [[nodiscard]] std::uint64_t u64(std::size_t at) const
    {
        return static_cast<std::uint64_t>(u32(at)) << 32 | u32(at + 4);
    }

    [[nodiscard]] Bytes from(std::size_t at) const
    {
        return Bytes(bytes_.subspan(std::min(at, bytes_.size())));
    }
    [[nodiscard]] Bytes first(std::size_t count) const
    {
        return Bytes(bytes_.first(std::min(count, bytes_.size())));
    }

private:
    std::span<const std::uint8_t> bytes_;
};

} // namespace tcptrace
