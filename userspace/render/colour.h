// SPDX-License-Identifier: Apache-2.0
// Colour for terminals. Whether to use it is the caller's to know (NO_COLOR, a pipe).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

enum class Colour : std::uint8_t { Red, Yellow, Green, Blue, Dim };

inline void append_coloured(std::string &out, std::string_view text, Colour colour, bool use)
{
    constexpr std::string_view codes[] = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;32m", "\x1b[1;34m",
                                          "\x1b[2m"};
    if (use)
        out += codes[static_cast<std::size_t>(colour)];
    out += text;
    if (use)
        out += "\x1b[0m";
}

} // namespace tcptrace
