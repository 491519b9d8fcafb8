// SPDX-License-Identifier: Apache-2.0
// The clock on which a file's frames are judged. It follows the frames' time stamps, never
// runs backwards, is never 0 ("never" to the classifier), and does not believe a single
// stamp that lies far ahead of what follows it. Lines show the stamps themselves.
#pragma once

#include <tcptrace/types.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace tcptrace {

class FileClock {
public:
    // Farther ahead than a quiet network explains: look at the next stamp too, if there is one.
    [[nodiscard]] bool doubts(std::uint64_t stamp_ns) const
    {
        return now_ns_ != 0 && stamp_ns > now_ns_ && stamp_ns - now_ns_ > far_ns;
    }

    // The time at the frame with this stamp, the next frame's being `next_ns` where known.
    std::uint64_t advance(std::uint64_t stamp_ns, std::optional<std::uint64_t> next_ns = {})
    {
        const bool bogus = next_ns && stamp_ns > *next_ns && stamp_ns - *next_ns > far_ns;
        now_ns_ = std::max({now_ns_, bogus ? *next_ns : stamp_ns, std::uint64_t{1}});
        return now_ns_;
    }

private:
    static constexpr std::uint64_t far_ns = 12ULL * 3600 * TT_NSEC_PER_SEC;
    std::uint64_t now_ns_ = 0; // 0: no frame yet
};

} // namespace tcptrace
