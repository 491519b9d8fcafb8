// SPDX-License-Identifier: Apache-2.0
// Packets one after another, as tcpdump prints a capture: number, time, line, and the dump
// behind it. Remembers what tcpdump remembers between lines. Single lines, as events and
// evidence show them, are packet_line.h's.
#pragma once

#include "core/observation.h"
#include "render/line_options.h"
#include "render/sequence_numbers.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

class PacketPrinter {
public:
    explicit PacketPrinter(const LineOptions &options);

    // `mark`: stands at the end of the packet's line (the last one, with -v), before the
    // dump; empty for none. `wall_offset_ns` makes Unix time of the packet's.
    void append(std::string &out, const PacketView &packet, std::int64_t wall_offset_ns,
                std::string_view mark);

private:
    LineOptions options_;
    TimeColumn time_;
    SequenceNumbers sequence_numbers_;
    std::uint64_t printed_ = 0;
};

} // namespace tcptrace
