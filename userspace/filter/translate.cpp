// SPDX-License-Identifier: Apache-2.0
#include "filter/translate.h"

#include "filter/ebpf_code.h"
#include "filter/frame_access.h"
#include "filter/translated_body.h"

#include <fmt/format.h>

#include <cstddef>

namespace tcptrace {

namespace {

constexpr std::int32_t tc_next = -1; // TCX_NEXT, TC_ACT_UNSPEC

// What stands in classic BPF that has no place here. libpcap makes none of it but loops.
Result<void> check(const ClassicProgram &program)
{
    if (program.empty() || program.size() > classic_instructions_max)
        return fail(Status::CannotRun,
                    fmt::format("too large for the kernel: {} instructions", program.size()));
    for (std::size_t i = 0; i < program.size(); i++) {
        const ClassicInstruction &each = program[i];
        const bool jumps = BPF_CLASS(each.code) == BPF_JMP;
        const std::size_t left = program.size() - i - 1;
        if (jumps && BPF_OP(each.code) == BPF_JA && each.k >= left)
            return fail(Status::CannotRun, "a loop, which the kernel does not run");
        const std::size_t far = !jumps                        ? 0
                                : BPF_OP(each.code) == BPF_JA ? each.k
                                : each.jt > each.jf           ? each.jt
                                                              : each.jf;
        if (BPF_CLASS(each.code) != BPF_RET && far >= left)
            return fail(Status::CannotRun, "it has no end");
    }
    return {};
}

class Translation {
public:
    Translation(const ClassicProgram &program, const FilterHook &hook,
                const std::optional<Handover> &handover)
        : program_(program), hook_(hook), handover_(handover)
    {
    }
    Result<std::vector<bpf_insn>> make();

private:
    Result<void> bodies(bool tagged);
    void fill_tag();
    void end(EbpfCode::Label match, EbpfCode::Label no_match);
    void hand_over();

    const ClassicProgram &program_;
    const FilterHook &hook_;
    const std::optional<Handover> &handover_;
    EbpfCode code_;
};

// The way that reads packet memory, the way by helpers behind it, and their ends. Each pair
// has ends of its own, so that no jump gets longer than need be.
Result<void> Translation::bodies(bool tagged)
{
    const EbpfCode::Label match = code_.label();
    const EbpfCode::Label no_match = code_.label();
    const EbpfCode::Label beyond = hook_.xdp ? no_match : code_.label();
    const EbpfCode::Label give_up = hook_.xdp ? no_match : code_.label();
    using Means = FrameAccess::Means;

    const FrameAccess direct(code_, Means::Direct, tagged, hook_.xdp, beyond, give_up);
    if (auto done = translate_body(program_, hook_, direct, code_, {match, no_match}); !done)
        return done;
    if (!hook_.xdp) {
        // All of the packet was in reach, and it ends too early: no need to look again.
        code_.place(beyond);
        code_.alu64(BPF_SUB, registers::data_end, registers::data);
        code_.load(4, Register::R3, registers::context, offsetof(__sk_buff, len));
        code_.jump64_if(BPF_JGE, registers::data_end, Register::R3, no_match);
        code_.place(give_up);
        const FrameAccess helper(code_, Means::Helper, tagged, false, no_match, no_match);
        if (auto done = translate_body(program_, hook_, helper, code_, {match, no_match}); !done)
            return done;
    }
    end(match, no_match);
    return {};
}

// The tag as its four bytes stand in a frame. vlan_proto is in network order already.
void Translation::fill_tag()
{
    code_.load(4, registers::tag, registers::context, offsetof(__sk_buff, vlan_proto));
    code_.from_big_endian(registers::tag, 2);
    code_.alu64(BPF_LSH, registers::tag, 16);
    code_.load(4, Register::R3, registers::context, offsetof(__sk_buff, vlan_tci));
    code_.alu64(BPF_OR, registers::tag, Register::R3);
}

void Translation::end(EbpfCode::Label match, EbpfCode::Label no_match)
{
    const EbpfCode::Label finish = code_.label();

    code_.place(match);
    code_.alu64(BPF_MOV, registers::a, 1);
    code_.jump(finish);
    code_.place(no_match);
    code_.alu64(BPF_MOV, registers::a, 0);
    code_.place(finish);
    if (handover_)
        hand_over();
    else
        code_.alu64(BPF_MOV, Register::R0, registers::a);
    code_.exit();
}

// Where the other program is not there any more, the packet goes on as if we were not here.
void Translation::hand_over()
{
    const EbpfCode::Label out = code_.label();

    code_.store(4, Register::Frame, stack::buffer, 0);
    code_.load_map(Register::R1, handover_->cpus);
    code_.alu64(BPF_MOV, Register::R2, Register::Frame);
    code_.alu64(BPF_ADD, Register::R2, stack::buffer);
    code_.call(BPF_FUNC_map_lookup_elem);
    code_.jump64_if(BPF_JEQ, Register::R0, 0, out);
    code_.store(4, Register::R0, handover_->verdict_offset, registers::a);
    code_.alu64(BPF_MOV, Register::R1, registers::context);
    code_.load_map(Register::R2, handover_->programs);
    code_.alu64(BPF_MOV, Register::R3, static_cast<std::int32_t>(handover_->slot));
    code_.call(BPF_FUNC_tail_call);
    code_.place(out);
    code_.alu64(BPF_MOV, Register::R0, hook_.xdp ? static_cast<std::int32_t>(XDP_PASS) : tc_next);
}

Result<std::vector<bpf_insn>> Translation::make()
{
    const EbpfCode::Label tagged = code_.label();

    if (auto checked = check(program_); !checked)
        return std::unexpected(checked.error());
    code_.alu64(BPF_MOV, registers::context, Register::R1);
    if (hook_.may_hide_tag) {
        code_.load(4, Register::R3, registers::context, offsetof(__sk_buff, vlan_present));
        code_.jump64_if(BPF_JNE, Register::R3, 0, tagged);
    }
    if (auto done = bodies(false); !done)
        return std::unexpected(done.error());
    if (hook_.may_hide_tag) {
        code_.place(tagged);
        fill_tag();
        if (auto done = bodies(true); !done)
            return std::unexpected(done.error());
    }
    return code_.finish();
}

} // namespace

Result<std::vector<bpf_insn>> translate(const ClassicProgram &program, const FilterHook &hook,
                                        const std::optional<Handover> &handover)
{
    return Translation(program, hook, handover).make();
}

} // namespace tcptrace
