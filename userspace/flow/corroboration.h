// SPDX-License-Identifier: Apache-2.0
// One anomaly seen by two witnesses is one event. What the stack tells of is mostly
// seen on an interface too, a moment earlier or later; the interface's word shows the
// packet, so the stack's is held back a moment and told only if no interface spoke.
#pragma once

#include "flow/flow.h"

#include <deque>
#include <string>

namespace tcptrace {

class Corroboration {
public:
    // Longer than the way from a tracepoint to the hook, shorter than any repetition.
    static constexpr std::uint64_t patience_ns = 50 * TT_NSEC_PER_MSEC;

    // `alone`: nobody but the stack is a witness (depth stack), so nothing is held back.
    void set_alone(bool alone) { alone_ = alone; }

    // Is this observation of `flow` (already updated with it) to be told now? If not, it
    // was told by another witness, or is held until patience ends.
    [[nodiscard]] bool admit(const Flow &flow, const Observation &observation);

    // Calls tell(const Observation &) for what was held and no interface told of.
    template <typename Tell>
    void release(std::uint64_t now_ns, Tell tell)
    {
        while (!held_.empty() &&
               (held_.front().record.time_ns + patience_ns <= now_ns || held_.size() > held_max)) {
            const Held &first = held_.front();
            if (!first.corroborated)
                tell(Observation{.record = first.record, .interface = first.interface});
            held_.pop_front();
        }
    }

    [[nodiscard]] std::uint64_t merged() const { return merged_; }

private:
    static constexpr std::size_t held_max = 1024;

    struct Held {
        tt_record record;
        std::string interface;
        bool corroborated = false;
    };

    bool alone_ = false;
    std::deque<Held> held_;
    std::uint64_t merged_ = 0;
};

} // namespace tcptrace
