// SPDX-License-Identifier: Apache-2.0
// What goes along with the printing of one packet, through all of its headers and through
// the packets that it carries or quotes.
#pragma once

#include "render/line_options.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

// What is taken off the numbers of the TCP segment in the packet.
struct SequenceOrigin {
    bool relative = false;
    std::uint32_t sequence = 0;
    std::uint32_t ack = 0;
};

class SequenceNumbers;

struct LineContext {
    const LineOptions &options;
    SequenceOrigin origin{};            // of the segment that was classified
    SequenceNumbers *printed = nullptr; // where packets are printed: takes the place of `origin`
    unsigned depth = 0;                 // packets around this one
};

// Packets within packets that are printed; tcpdump knows no end.
inline constexpr unsigned line_depth_max = 64;

// How the printing of a packet ended: whole, or with the protocol whose header was cut
// by the capture; then nothing is printed behind " [|tcp]".
enum class LineEnd : bool { Whole, Cut };

// Prints the packet that this one carries or quotes: `print` gets its context. What lies too
// deep is not printed, so that no packet takes us deeper than our stack.
template <typename Print>
LineEnd one_level_in(std::string &out, const LineContext &context, Print print)
{
    if (context.depth >= line_depth_max) {
        out += "[nested too deep]";
        return LineEnd::Cut;
    }
    LineContext inner = context;
    inner.depth++;
    return print(inner);
}

// " [|tcp]" and the like.
LineEnd cut_short(std::string &out, std::string_view protocol);

} // namespace tcptrace
