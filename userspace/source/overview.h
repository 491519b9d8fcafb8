// SPDX-License-Identifier: Apache-2.0
// What several capture files of the same traffic hold together: read once, ahead of the
// run, to bring their clocks together and to have each connection's segments side by side.
#pragma once

#include "core/path_view.h"
#include "source/capture_file.h"
#include "source/segment_log.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

class Overview {
public:
    static constexpr std::size_t files_most = 8; // more are pieces of one capture
    static constexpr std::size_t segments_max = 1U << 20;

    // Nothing if there is but one file, or one that cannot be read twice (a pipe).
    [[nodiscard]] static std::optional<Overview> of(const std::vector<std::string> &paths);

    // Nanoseconds to add to a file's time, so that all have one clock.
    [[nodiscard]] std::int64_t clock_offset(std::size_t file) const { return files_[file].offset; }
    [[nodiscard]] PathView view(const tt_flow_key &connection,
                                std::optional<std::uint32_t> first_sequence) const;

private:
    struct File {
        std::string name;
        std::uint64_t from_ns = 0; // of its own clock
        std::uint64_t until_ns = 0;
        std::int64_t offset = 0;
        bool is_empty = true;
    };

    Overview() = default;
    void read(const std::string &path, std::uint8_t number);
    void name_files(const std::vector<std::string> &paths);
    void take(const Frame &frame, tt_link link, std::uint8_t number, bool &room);
    [[nodiscard]] PointView point(std::size_t file) const;
    void add_points(const SegmentLog::Entries &entries, std::size_t file, PathView &view) const;

    std::vector<File> files_;
    SegmentLog log_{segments_max};
};

} // namespace tcptrace
