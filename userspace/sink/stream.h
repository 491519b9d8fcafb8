// SPDX-License-Identifier: Apache-2.0
// Whole lines to a descriptor. The first write that fails ends the output, and is told
// once, by finish(); a reader that went away (`| head`) is no failure.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace tcptrace {

class Stream {
public:
    // Does not own standard output and its like: pass a duplicate, or use standard().
    Stream(UniqueFd fd, std::string name);
    [[nodiscard]] static Stream standard_output();
    [[nodiscard]] static Stream standard_error();
    Stream(Stream &&) noexcept = default;
    ~Stream();

    // Kept until there is much of it, or until flush(). `lines` ends with a newline.
    void write(std::string_view lines);
    void flush();
    // Nobody reads any more, or nothing can be written: what is written is dropped.
    [[nodiscard]] bool dead() const { return dead_; }
    [[nodiscard]] Result<void> finish();

private:
    UniqueFd fd_;
    std::string name_;
    std::string buffer_;
    bool dead_ = false;
    int error_ = 0; // errno of the first failure; 0 also when the reader went away
};

} // namespace tcptrace
