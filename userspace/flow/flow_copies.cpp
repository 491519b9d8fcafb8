// SPDX-License-Identifier: Apache-2.0
// How a Flow learns that segments were sent again for nothing: they, or what was taken for
// them, had only been overtaken or doubled on the way (RFC 3708).
#include "flow/flow.h"

#include <algorithm>

namespace tcptrace {

void Flow::note_sent_again(const tt_record &record)
{
    const tt_segment &segment = record.segment;

    if (!(record.finding.anomalies & (TT_RETRANSMISSION | TT_FAST_RETRANSMISSION)) ||
        segment.length == 0)
        return;
    // Another point may have told of this copy.
    const bool known = std::ranges::any_of(sent_again_, [&](const SentAgain &each) {
        return each.length > 0 && each.sender == (record.sender & 1U) &&
               each.sequence == segment.sequence && record.time_ns <= each.time_ns + same_packet_ns;
    });
    if (known)
        return;
    sent_again_[next_sent_again_] = {.sequence = segment.sequence,
                                     .length = segment.length,
                                     .time_ns = record.time_ns,
                                     .sender = static_cast<std::uint8_t>(record.sender & 1U)};
    next_sent_again_ = static_cast<std::uint8_t>((next_sent_again_ + 1U) % sent_again_.size());
}

void Flow::note_dsack(const tt_record &record)
{
    if (!(record.finding.signs & TT_SIGN_DSACK))
        return;
    const std::uint32_t left = record.segment.dsack;
    const std::uint32_t bytes = std::max(1U, record.segment.dsack_256 * 256U);
    // Behind the reordering, what came late was taken for a copy as well as the copy. One word may
    // be of several segments, which the receiver's GRO had merged.
    for (SentAgain &each : sent_again_) {
        const bool is_meant = left - each.sequence < each.length || each.sequence - left < bytes;
        if (each.length == 0 || each.sender == (record.sender & 1U) || !is_meant)
            continue;
        each = {};
        sent_for_nothing_++;
    }
}

} // namespace tcptrace
