// SPDX-License-Identifier: Apache-2.0
// The time at the start of a line, in tcpdump's styles (-t ... -ttttt). Times are Unix
// time in nanoseconds, printed to the microsecond or in full; the caller adds the wall offset.
#pragma once

#include <cstdint>
#include <string>

namespace tcptrace {

enum class TimeStyle : std::uint8_t {
    Default,    // HH:MM:SS.ffffff, local
    None,       // -t
    Unix,       // -tt
    Delta,      // -ttt: since the line before
    DateTime,   // -tttt
    SinceFirst, // -ttttt
};

// Remembers what the delta styles are relative to.
class TimeColumn {
public:
    explicit TimeColumn(TimeStyle style = TimeStyle::Default, bool nanoseconds = false)
        : style_(style), nanoseconds_(nanoseconds)
    {
    }
    // With the space behind it; nothing for TimeStyle::None.
    void append(std::string &out, std::uint64_t unix_ns);

private:
    TimeStyle style_;
    bool nanoseconds_;
    std::int64_t reference_ns_ = 0; // 0: none yet, as tcpdump has it
};

void append_clock(std::string &out, std::uint64_t unix_ns);   // "15:42:01", local
void append_rfc3339(std::string &out, std::uint64_t unix_ns); // UTC, nanoseconds, "Z"

} // namespace tcptrace
