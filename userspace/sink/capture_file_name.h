// SPDX-License-Identifier: Apache-2.0
// The names of -w's files under -C, -G and -W, and when the next begins: as tcpdump has it
// (docs/usage.md). The clock is the caller's.
#pragma once

#include "core/result.h"
#include "sink/write_options.h"

#include <cstdint>
#include <ctime>
#include <string>

namespace tcptrace {

class CaptureFileName {
public:
    enum class Turn {
        Stay, // in the file at hand
        Next, // begin the file name() now says
        End,  // -G's -W files are written
    };

    // `now`: when -G's first slice of time begins.
    CaptureFileName(const WriteOptions &options, std::time_t now);

    // Asked before each packet, by time and then by size.
    [[nodiscard]] Turn at_time(std::time_t now);
    [[nodiscard]] Turn at_size(std::uint64_t file_bytes);

    // An Error: longer than a path may be.
    [[nodiscard]] Result<std::string> name() const;

private:
    [[nodiscard]] bool numbered() const;

    WriteOptions options_;
    std::time_t slice_begin_;
    std::uint64_t slices_ = 0;
    std::uint64_t number_ = 0; // of the file in its slice
    int digits_ = 0;           // of its number; 0: as many as it has, and none for the first
};

} // namespace tcptrace
