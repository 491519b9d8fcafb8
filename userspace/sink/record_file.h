// SPDX-License-Identifier: Apache-2.0
// A file of whole records. The first write that fails, and a file system that fills up, end
// it behind the last record that is whole; close() tells of it. What a record is, and which
// file comes next, is the caller's.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

class RecordFile {
public:
    // Empties the file if there is one. "-" is standard output. `min_free_percent`: of a
    // file's file system; below it the file is full; 0: not asked.
    [[nodiscard]] static Result<RecordFile> open(const std::string &path,
                                                 unsigned min_free_percent);
    RecordFile(RecordFile &&) noexcept = default;
    RecordFile &operator=(RecordFile &&) noexcept = default;

    void write(std::string_view record); // kept until there is much of it, or until flush()
    void flush();
    [[nodiscard]] std::uint64_t size() const { return written_ + buffer_.size(); }
    [[nodiscard]] bool ended() const { return ended_; } // what is written is dropped
    [[nodiscard]] Result<void> close();

private:
    RecordFile(UniqueFd fd, std::string name, unsigned min_free_percent);
    void end(Error error);
    void keep_whole_records(std::size_t bytes);
    void look_at_room();

    UniqueFd fd_;
    std::string name_;
    std::string buffer_;
    std::vector<std::size_t> record_ends_; // in buffer_
    unsigned min_free_percent_;            // 0 also where there is no file system
    bool is_file_ = false;
    bool ended_ = false;
    Result<void> outcome_;
    std::uint64_t written_ = 0;
    std::uint64_t next_look_ = 0; // when so much is written
};

} // namespace tcptrace
