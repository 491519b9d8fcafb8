// SPDX-License-Identifier: Apache-2.0
// Classic BPF to eBPF: a program for a hook in the kernel that comes to the same verdict as
// libpcap's interpreter on the frame as a capture would hold it, and then hands over to the
// hook's own program. Loading it is source/kernel_filter.h's business.
#pragma once

#include "core/result.h"
#include "filter/classic_program.h"

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace tcptrace {

// Where a translated program runs.
struct FilterHook {
    bool xdp = false; // else traffic control
    // A VLAN tag the device or the kernel took off stands in the packet's meta data; a
    // capture has it in the frame, and so the filter sees it there. At TC, for Ethernet.
    bool may_hide_tag = false;
    tt_way way = TT_IN;
};

// What is done with the verdict. The program that takes over is called with the verdict
// (1: matches, 0: not) in the 32 bits at `verdict_offset` of the value of the one-element
// per-CPU array `cpus`.
struct Handover {
    int cpus = -1;     // file descriptors of maps
    int programs = -1; // a BPF_MAP_TYPE_PROG_ARRAY
    std::uint32_t slot = 0;
    std::int16_t verdict_offset = 0;
};

// Without a handover the program returns the verdict (for tests). Errors, CannotRun, say
// why the kernel cannot run it: too large, a loop (`protochain`).
[[nodiscard]] Result<std::vector<bpf_insn>> translate(const ClassicProgram &program,
                                                      const FilterHook &hook,
                                                      const std::optional<Handover> &handover);

} // namespace tcptrace
