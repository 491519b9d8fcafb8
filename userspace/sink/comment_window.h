// SPDX-License-Identifier: Apache-2.0
// Holds the last packets back before they are written: a diagnosis is reached when the
// packets that show it have passed, and is to stand with the last of them.
#pragma once

#include "core/diagnosis.h"
#include "sink/kept_packet.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <string>

namespace tcptrace {

class CommentWindow {
public:
    using Release = std::function<void(const KeptPacket &)>;

    // Beyond `bytes_max` of memory the oldest packets are released.
    CommentWindow(std::size_t bytes_max, Release release);

    void add(KeptPacket packet);
    // On the last packet of the evidence that is still here; false if none is.
    [[nodiscard]] bool comment(const std::vector<StoredPacket> &evidence,
                               const std::string &comment);
    void release_all();

private:
    void release_oldest();

    std::size_t bytes_max_;
    Release release_;
    std::deque<KeptPacket> packets_;
    std::size_t bytes_ = 0;
};

} // namespace tcptrace
