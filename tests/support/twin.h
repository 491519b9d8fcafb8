// SPDX-License-Identifier: Apache-2.0
// What bpf/observe.bpf.h and bpf/sweep.bpf.c do, written a second time over the same
// contract headers: the BPF programs must tell exactly what this tells.
#pragma once

#include "support/kernel_side.h"

#include <tcptrace/read_segment.h>

#include <optional>
#include <vector>

namespace tcptrace::test {

class Twin {
public:
    explicit Twin(const tt_settings &settings, std::uint32_t flows = TT_FLOWS_DEFAULT)
        : settings_(settings), sets_(flows / TT_FLOW_PLACES)
    {
    }

    std::optional<Heard> see(const Sight &sight);
    [[nodiscard]] const tt_counters &counters() const { return counters_; }
    [[nodiscard]] std::uint64_t watched() const { return watched_; }

private:
    [[nodiscard]] bool skip(int result);
    tt_flow_state *state_of(const tt_flow_key &key, const tt_segment &segment, bool notable,
                            std::uint64_t now_ns);
    tt_flow_state *new_state(tt_flow_set &set, tt_u32 tag, const tt_flow_key &key,
                             const tt_segment &segment, bool notable, std::uint64_t now_ns);
    void count(const tt_finding &finding, bool watched_before, const tt_flow_state &state,
               unsigned quiet_before, unsigned quiet_after);

    tt_settings settings_;
    std::vector<tt_flow_set> sets_;
    tt_flow_state scratch_{};
    tt_counters counters_{};
    std::uint64_t watched_ = 0;
};

} // namespace tcptrace::test
