// SPDX-License-Identifier: Apache-2.0
// What stands where in a DNS message (RFC 1035 §4.1): the header, where a name ends, the
// response code with its upper bits. Nothing is printed here.
#pragma once

#include "render/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tcptrace {

// A place in a message; nothing where the capture, or sense, ends before it.
using DnsPosition = std::optional<std::size_t>;

inline constexpr std::size_t dns_header_size = 12;
inline constexpr std::uint16_t dns_type_opt = 41; // RFC 6891

struct DnsHeader {
    std::uint16_t id = 0;
    std::uint16_t flags = 0;
    std::uint16_t questions = 0;
    std::uint16_t answers = 0;
    std::uint16_t authorities = 0;
    std::uint16_t additionals = 0;

    [[nodiscard]] bool is_response() const { return (flags & 0x8000) != 0; }
    [[nodiscard]] unsigned opcode() const { return (flags >> 11) & 15; }
    [[nodiscard]] bool authoritative() const { return (flags & 0x0400) != 0; }
    [[nodiscard]] bool truncated() const { return (flags & 0x0200) != 0; }
    [[nodiscard]] bool recursion_desired() const { return (flags & 0x0100) != 0; }
    [[nodiscard]] bool recursion_available() const { return (flags & 0x0080) != 0; }
    [[nodiscard]] bool authentic_data() const { return (flags & 0x0020) != 0; }
    [[nodiscard]] bool checking_disabled() const { return (flags & 0x0010) != 0; }
};

// The kinds of label that the two upper bits of its first byte tell apart.
enum class DnsLabel : std::uint8_t {
    Text = 0x00,
    Extended = 0x40,
    Reserved = 0x80,
    Pointer = 0xc0
};

[[nodiscard]] constexpr DnsLabel dns_label(std::uint8_t first)
{
    return static_cast<DnsLabel>(first & 0xc0);
}

// RFC 2673's bit strings, the only extended label there ever was.
inline constexpr std::uint8_t dns_bit_string = 0x41;
// `count`: its byte behind the first one; 0 stands for 256.
[[nodiscard]] constexpr std::size_t dns_bit_count(std::uint8_t count)
{
    return count == 0 ? 256 : count;
}

// All zero where the message is shorter.
[[nodiscard]] DnsHeader read_dns_header(Bytes message);

// Behind the name at `at`; pointers are not followed.
[[nodiscard]] DnsPosition skip_dns_name(Bytes message, std::size_t at);

// With the eight bits that an OPT record adds (RFC 6891 §6.1.3), if there is one to reach.
[[nodiscard]] unsigned dns_response_code(Bytes message, const DnsHeader &header);

} // namespace tcptrace
