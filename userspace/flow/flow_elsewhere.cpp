// SPDX-License-Identifier: Apache-2.0
// How a Flow takes in another view of its connection: the other side of a NAT.
#include "flow/flow.h"

namespace tcptrace {

void Flow::learn(const Flow &elsewhere, bool turned)
{
    const auto here = [turned](std::uint8_t end) {
        return static_cast<std::uint8_t>(end ^ (turned ? 1U : 0U));
    };
    for (DropSeen drop : elsewhere.drops_) {
        drop.sender = here(drop.sender);
        learn(drop);
    }
    if (elsewhere.process_end_ && !process_end_) {
        process_end_ = elsewhere.process_end_;
        process_end_->end = here(process_end_->end);
    }
    const std::optional<ResetSeen> &told = elsewhere.reset_;
    if (!told || !told->sent_by_stack)
        return;
    if (!reset_ || (reset_->sender == here(told->sender) && !reset_->sent_by_stack)) {
        const tt_stage stage = reset_ ? reset_->stage : told->stage;
        reset_ = told;
        reset_->sender = here(told->sender);
        reset_->stage = stage == TT_STAGE_UNKNOWN ? told->stage : stage;
    }
}

} // namespace tcptrace
