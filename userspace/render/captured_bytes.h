// SPDX-License-Identifier: Apache-2.0
// A packet's bytes under the link type of the file they are written to.
#pragma once

#include "render/capture_format.h"

#include <cstdint>
#include <span>
#include <vector>

namespace tcptrace {

// The link type that a packet has by itself.
[[nodiscard]] std::uint32_t link_type_of(tt_link link);

class CapturedBytes {
public:
    // Cooked if the file is and the packet is not; at most `snaplen` bytes (0: all).
    CapturedBytes(const PacketView &packet, std::uint32_t link_type, std::uint32_t snaplen);
    CapturedBytes(const CapturedBytes &) = delete; // bytes_ may be of cooked_
    CapturedBytes &operator=(const CapturedBytes &) = delete;

    [[nodiscard]] std::uint32_t captured_length() const
    {
        return static_cast<std::uint32_t>(bytes_.size());
    }
    [[nodiscard]] std::uint32_t wire_length() const { return wire_length_; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

private:
    std::vector<std::uint8_t> cooked_;
    std::span<const std::uint8_t> bytes_;
    std::uint32_t wire_length_;
};

} // namespace tcptrace
