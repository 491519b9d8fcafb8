// SPDX-License-Identifier: Apache-2.0
// What was asked of -w: where packets are written, how the files are cut, and when writing
// ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tcptrace {

struct WriteOptions {
    std::string file;             // empty: nothing is written; "-": standard output
    std::uint64_t file_bytes = 0; // -C: a new file beyond so many bytes; 0: never
    std::optional<std::chrono::seconds> file_time; // -G: a new file each
    std::optional<std::uint64_t> file_count;       // -W
    std::string user;                              // -Z; empty: as we are
    bool each_packet = false;                      // -U: flushed one by one
    bool on_anomaly = false;                       // only flows with an anomaly
    unsigned min_free_percent = 5;                 // of the file system; then writing ends
};

} // namespace tcptrace
