// SPDX-License-Identifier: Apache-2.0
// Small writers shared by the renderers: formatted text onto the end of a string, and
// figures as people read them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tcptrace {

template <typename... Args>
void put(std::string &out, fmt::format_string<Args...> text, Args &&...args)
{
    fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
}

void append_hex(std::string &out, std::span<const std::uint8_t> bytes); // "00ff"
// Control and high characters made safe as tcpdump does: ^A, M-a.
void append_safe(std::string &out, std::span<const std::uint8_t> characters);
// tcpdump's block: lines of "0x0000:  4500 003c ...", each behind `indent`.
void append_hex_block(std::string &out, std::span<const std::uint8_t> bytes,
                      std::string_view indent = "\n\t");
// "1.001 s", "12.3 ms", "45 µs"
void append_duration(std::string &out, std::uint64_t ns);
[[nodiscard]] std::string with_thousands(std::uint64_t number); // "18,203"
// "1 packet", "18,203 packets"
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);

} // namespace tcptrace
