// SPDX-License-Identifier: Apache-2.0
#include "filter/classic_run.h"

#include <pcap/pcap.h>

#include <algorithm>
#include <vector>

namespace tcptrace {

struct ClassicRun::Code {
    std::vector<bpf_insn> instructions;
    std::vector<std::size_t> ancillary; // those that load what is not in the frame
};

ClassicRun::ClassicRun(const ClassicProgram &program) : code_(std::make_unique<Code>())
{
    for (const ClassicInstruction &each : program) {
        if (BPF_CLASS(each.code) == BPF_LD && BPF_MODE(each.code) == BPF_ABS &&
            each.k >= ancillary_begin)
            code_->ancillary.push_back(code_->instructions.size());
        code_->instructions.push_back({each.code, each.jt, each.jf, each.k});
    }
}

ClassicRun::ClassicRun(ClassicRun &&) noexcept = default;
ClassicRun &ClassicRun::operator=(ClassicRun &&) noexcept = default;
ClassicRun::~ClassicRun() = default;

bool ClassicRun::matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                         const SeenAt &where) const
{
    const auto run = [&](const std::vector<bpf_insn> &instructions) {
        const auto captured = static_cast<u_int>(frame.size());
        return bpf_filter(instructions.data(), frame.data(), wire_length, captured) != 0;
    };
    if (code_->ancillary.empty())
        return run(code_->instructions);
    std::vector<bpf_insn> fitted = code_->instructions;
    for (const std::size_t at : code_->ancillary) {
        bpf_insn &each = fitted[at];
        if (each.k != ancillary_packet_type && each.k != ancillary_ifindex)
            continue; // beyond every frame: no match
        each.k = each.k == ancillary_ifindex ? where.ifindex : packet_type_of(where.way);
        each.code = BPF_LD | BPF_IMM;
    }
    return run(fitted);
}

} // namespace tcptrace
