// SPDX-License-Identifier: Apache-2.0
// The packets that a frame carries in tunnels, for filters about these. How tunnels are
// read stands in include/tcptrace/tunnel.h.
#pragma once

#include <tcptrace/tunnel.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tcptrace {

struct CarriedPacket {
    std::span<const std::uint8_t> bytes{};
    std::uint32_t wire_length = 0;
    bool ethernet = false; // else it begins with its IP header
};

// From the outside in, one inside the other.
class CarriedPackets {
public:
    CarriedPackets(std::span<const std::uint8_t> frame, std::uint32_t wire_length, tt_link link);

    [[nodiscard]] std::span<const CarriedPacket> all() const
    {
        return std::span(packets_).first(count_);
    }

private:
    std::array<CarriedPacket, TT_TUNNELS_MAX> packets_{};
    std::size_t count_ = 0;
};

// The frame behind the headers of UDP and VXLAN, whatever the port; empty if the frame is no
// UDP packet that long.
[[nodiscard]] CarriedPacket carried_by_vxlan(std::span<const std::uint8_t> frame,
                                             std::uint32_t wire_length, tt_link link);

} // namespace tcptrace
