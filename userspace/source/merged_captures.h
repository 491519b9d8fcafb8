// SPDX-License-Identifier: Apache-2.0
// Several capture files as one stream of frames, in order of time; at equal times in the
// order in which the files were given. A file that is damaged ends there, the others go on.
#pragma once

#include "source/capture_file.h"

#include <functional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace tcptrace {

class MergedCaptures {
public:
    [[nodiscard]] static Result<MergedCaptures> open(const std::vector<std::string> &paths);

    struct Next {
        const Frame *frame = nullptr; // at the end of all: nullptr
        std::size_t file = 0;         // in files()
    };
    // Before the first call of next(): nanoseconds to add to this file's time.
    void shift_clock(std::size_t file, std::int64_t offset) { files_[file].shift_clock(offset); }
    // Valid until the next call. Waits until each file has a frame to compare, or has ended.
    [[nodiscard]] Next next();
    // What was damaged; all that was whole has been given.
    [[nodiscard]] Result<void> outcome() const;

    [[nodiscard]] const std::vector<CaptureFile> &files() const { return files_; }
    [[nodiscard]] bool waits() const;

private:
    void begin();
    [[nodiscard]] bool read_from(std::size_t file);
    [[nodiscard]] bool is_next(std::size_t file) const; // before all those in turns_

    using Turn = std::pair<std::uint64_t, std::size_t>; // time and file: the least is next
    std::vector<CaptureFile> files_;
    std::vector<const Frame *> heads_; // of each file, nullptr at its end
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_; // all but last_'s
    std::size_t last_ = 0; // whose head was given away
    bool begun_ = false;
    std::vector<Error> damages_;
};

} // namespace tcptrace
