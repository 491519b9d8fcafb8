// SPDX-License-Identifier: Apache-2.0
// Makes IP packets (link type raw) for tests, checksums right.
#pragma once

#include "core/observation.h"

#include <tcptrace/segment.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace::test {

using ByteVector = std::vector<std::uint8_t>;

struct TcpFrame {
    std::string source = "10.0.0.1"; // with a colon: IPv6
    std::string destination = "10.0.0.2";
    std::uint16_t source_port = 1000;
    std::uint16_t destination_port = 2000;
    std::uint8_t flags = TT_SYN;
    std::uint32_t sequence = 1;
    std::uint32_t acknowledgment = 0;
    std::uint16_t window = 512;
    std::uint16_t urgent = 0;
    ByteVector options{}; // padded with zeros
    std::string payload{};
};

[[nodiscard]] ByteVector tcp_packet(const TcpFrame &frame);
// An ICMP or ICMPv6 error, by the family of `source`.
[[nodiscard]] ByteVector icmp_packet(std::string_view source, std::string_view destination,
                                     std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                                     const ByteVector &quoted);
[[nodiscard]] ByteVector ip_packet(std::string_view source, std::string_view destination,
                                   std::uint8_t protocol, const ByteVector &payload,
                                   const ByteVector &options = {});
// The packet as a line prints it; `packet` must outlive the view. `wire_length` 0: as long
// as captured.
[[nodiscard]] PacketView view_of(const ByteVector &packet, std::uint32_t wire_length = 0);
[[nodiscard]] Address address(std::string_view text);

} // namespace tcptrace::test
