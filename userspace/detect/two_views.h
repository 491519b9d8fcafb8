// SPDX-License-Identifier: Apache-2.0
// Where on its way a connection's packets were lost, or a reset was made: by what several
// captures of the same traffic hold of it. Pure; order and copies are counted in
// path_order.h and segment_copies.h, words and verdicts follow in lost_on_the_way.h.
//
// A capture says nothing of the time before its first packet and after its last: what would
// have been due there is never counted as lost, at most as lost "if it was still running". Nor is
// what a capture lacks that holds too little: the answers to it passed, or it came to the next.
#pragma once

#include "core/path_view.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

// Packets of one direction that one point holds and its neighbour on the way lacks.
struct Gap {
    std::array<std::string, 2> between; // the initiator's side first
    bool to_responder = false;
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
    bool covered = true; // the neighbour was being taken at that time
};

struct TwoViews {
    std::vector<std::string> points; // on the way from the initiator to the responder
    std::optional<Gap> syns;
    std::optional<Gap> synacks;
    std::array<std::optional<Gap>, 2> data; // to the initiator, to the responder
    std::array<std::optional<Gap>, 2> acks; // pure ones
    std::optional<Gap> made_reset;          // at the receiver's side of the gap only
    bool reset_everywhere = false;          // all points hold the same
    bool syn_reached_the_last = false;      // all points hold SYNs, and none an answer
    std::string incomplete;                 // a capture that lacks what passed it; or empty
};

// Nothing where there are not at least two points to compare.
[[nodiscard]] std::optional<TwoViews> compare_views(PathView view);

} // namespace tcptrace
