// SPDX-License-Identifier: Apache-2.0
#include "render/text.h"

#include <array>
#include <string_view>

namespace tcptrace {

void append_hex(std::string &out, std::span<const std::uint8_t> bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";

    for (const std::uint8_t byte : bytes) {
        out += digits[byte >> 4];
        out += digits[byte & 0x0f];
    }
}

void append_safe(std::string &out, std::span<const std::uint8_t> characters)
{
    for (std::uint8_t character : characters) {
        if (character & 0x80) {
            out += "M-";
            character &= 0x7f;
        }
        if (character < 0x20 || character == 0x7f) {
            out += '^';
            character ^= 0x40;
        }
        out += static_cast<char>(character);
    }
}

void append_hex_block(std::string &out, std::span<const std::uint8_t> bytes,
                      std::string_view indent)
{
    constexpr std::size_t line = 16;

    for (std::size_t at = 0; at < bytes.size(); at++) {
        if (at % line == 0)
            put(out, "{}0x{:04x}: ", indent, at);
        if (at % 2 == 0)
            out += ' ';
        append_hex(out, bytes.subspan(at, 1));
    }
}

void append_duration(std::string &out, std::uint64_t ns)
{
    constexpr std::uint64_t us = 1000;
    constexpr std::uint64_t ms = 1000 * us;
    constexpr std::uint64_t second = 1000 * ms;

    if (ns >= 100 * second)
        put(out, "{} s", ns / second);
    else if (ns >= second)
        put(out, "{:.3f} s", static_cast<double>(ns / ms) / 1e3);
    else if (ns >= ms / 10)
        put(out, "{:.1f} ms", static_cast<double>(ns) / 1e6);
    else
        put(out, "{} µs", ns / us);
}

std::string with_thousands(std::uint64_t number)
{
    std::string digits = fmt::to_string(number);

    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string counted(std::uint64_t number, std::string_view noun)
{
    return fmt::format("{} {}{}", with_thousands(number), noun, number == 1 ? "" : "s");
}

} // namespace tcptrace
