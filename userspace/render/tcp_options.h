// SPDX-License-Identifier: Apache-2.0
// TCP options as tcpdump prints them between the brackets of "options [...]".
#pragma once

#include "render/bytes.h"

#include <cstdint>
#include <string>

namespace tcptrace {

enum class OptionsEnd : std::uint8_t {
    Whole,     // the closing bracket is printed
    Malformed, // "[bad opt]" is printed; tcpdump says no more of the segment
    Cut,       // by the capture; " [|tcp]" is printed
};

// `options`: the bytes captured of them; `length`: what the header says they take.
// `sack_origin` is subtracted from the edges of SACK blocks. `segment_is_whole`: the
// payload was captured too, which tcpdump wants to know before it speaks of MD5.
OptionsEnd append_tcp_options(std::string &out, Bytes options, std::size_t length,
                              std::uint8_t flags, std::uint32_t sack_origin, bool segment_is_whole);

} // namespace tcptrace
