// SPDX-License-Identifier: Apache-2.0
// Classic BPF, instruction for instruction, as eBPF, with the loads of a FrameAccess.
#pragma once

#include "filter/frame_access.h"

namespace tcptrace {

struct Verdicts {
    EbpfCode::Label match;
    EbpfCode::Label no_match;
};

// Goes to one of `verdicts` in the end. `program` must be checked: jumps go forward, within.
[[nodiscard]] Result<void> translate_body(const ClassicProgram &program, const FilterHook &hook,
                                          const FrameAccess &frame, EbpfCode &code,
                                          const Verdicts &verdicts);

} // namespace tcptrace
