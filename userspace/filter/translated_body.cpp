// SPDX-License-Identifier: Apache-2.0
#include "filter/translated_body.h"

#include <fmt/format.h>
#include <linux/filter.h>

#include <algorithm>
#include <cstddef>
#include <limits>

namespace tcptrace {

namespace {

constexpr std::uint32_t word_bits = 32;

bool is_jump_or_return(const ClassicInstruction &instruction)
{
    return BPF_CLASS(instruction.code) == BPF_JMP || BPF_CLASS(instruction.code) == BPF_RET;
}

bool loads_packet(const ClassicInstruction &instruction)
{
    const unsigned kind = BPF_CLASS(instruction.code);
    const unsigned mode = BPF_MODE(instruction.code);
    return (kind == BPF_LD && mode == BPF_ABS && instruction.k < ancillary_begin) ||
           (kind == BPF_LDX && mode == BPF_MSH);
}

unsigned bytes_of(const ClassicInstruction &instruction)
{
    const unsigned size = BPF_SIZE(instruction.code);
    return size == BPF_B ? 1 : size == BPF_H ? 2 : 4;
}

std::int16_t place_in_memory(std::uint32_t word)
{
    return static_cast<std::int16_t>(stack::memory + static_cast<std::int32_t>(word) * 4);
}

// The test that holds where `test` does not; 0 for JSET, which has none.
std::uint8_t opposite(unsigned test)
{
    return test == BPF_JEQ ? BPF_JNE : test == BPF_JGT ? BPF_JLE : test == BPF_JGE ? BPF_JLT : 0;
}

class Body {
public:
    Body(const ClassicProgram &program, const FilterHook &hook, const FrameAccess &frame,
         EbpfCode &code, const Verdicts &verdicts)
        : program_(program), hook_(hook), frame_(frame), code_(code), verdicts_(verdicts),
          guarded_(program.size(), std::numeric_limits<std::uint32_t>::max())
    {
        for (std::size_t i = 0; i < program.size(); i++)
            labels_.push_back(code.label());
    }
    Result<void> make();

private:
    void begin();
    void guard_from(std::size_t at);
    void pass_on_guard(std::size_t at);
    bool instruction(std::size_t at);
    bool load(const ClassicInstruction &each, Register to);
    bool load_ancillary(std::uint32_t offset, Register to);
    bool store(const ClassicInstruction &each, Register from);
    bool arithmetic(const ClassicInstruction &each);
    void shift(std::uint8_t operation, const ClassicInstruction &each);
    bool divide(std::uint8_t operation, const ClassicInstruction &each);
    bool jump(std::size_t at);
    void test(std::uint8_t test, const ClassicInstruction &each, EbpfCode::Label to);
    bool give_verdict(const ClassicInstruction &each);

    const ClassicProgram &program_;
    const FilterHook &hook_;
    FrameAccess frame_;
    EbpfCode &code_;
    const Verdicts &verdicts_;
    std::vector<EbpfCode::Label> labels_;
    std::vector<std::uint32_t> guarded_; // bytes known to be there before each instruction
};

Result<void> Body::make()
{
    begin();
    guarded_[0] = 0;
    for (std::size_t i = 0; i < program_.size(); i++) {
        code_.place(labels_[i]);
        guard_from(i);
        if (!instruction(i))
            return fail(Status::CannotRun,
                        fmt::format("the kernel has nothing for its instruction {} ({:#x})", i,
                                    program_[i].code));
        pass_on_guard(i);
    }
    return {};
}

// Memory that is read somewhere starts as 0; the verifier allows nothing else.
void Body::begin()
{
    frame_.begin();
    code_.alu64(BPF_MOV, registers::a, 0);
    code_.alu64(BPF_MOV, registers::x, 0);
    for (std::uint32_t word = 0; word < classic_memory_words; word++) {
        const bool read = std::ranges::any_of(program_, [word](const ClassicInstruction &each) {
            return BPF_CLASS(each.code) <= BPF_LDX && BPF_MODE(each.code) == BPF_MEM &&
                   each.k == word;
        });
        if (read)
            code_.store(4, Register::Frame, place_in_memory(word), 0);
    }
}

// One comparison for all loads up to the next jump: if one of them fails, nothing matches,
// whichever it is.
void Body::guard_from(std::size_t at)
{
    if (!loads_packet(program_[at]))
        return;
    const auto end_of = [this](const ClassicInstruction &each) {
        return loads_packet(each) ? frame_.guarded_end(each.k, bytes_of(each)) : 0;
    };
    if (end_of(program_[at]) <= guarded_[at])
        return;
    std::uint32_t end = 0;
    for (std::size_t i = at; i < program_.size() && !is_jump_or_return(program_[i]); i++)
        end = std::max(end, end_of(program_[i]));
    frame_.guard(end);
    guarded_[at] = end;
}

void Body::pass_on_guard(std::size_t at)
{
    const ClassicInstruction &each = program_[at];
    const auto pass_to = [&](std::size_t to) {
        guarded_[to] = std::min(guarded_[to], guarded_[at]);
    };
    if (BPF_CLASS(each.code) == BPF_RET)
        return;
    if (BPF_CLASS(each.code) != BPF_JMP) {
        pass_to(at + 1);
    } else if (BPF_OP(each.code) == BPF_JA) {
        pass_to(at + 1 + each.k);
    } else {
        pass_to(at + 1 + each.jt);
        pass_to(at + 1 + each.jf);
    }
}

bool Body::instruction(std::size_t at)
{
    const ClassicInstruction &each = program_[at];

    switch (BPF_CLASS(each.code)) {
    case BPF_LD:
        return load(each, registers::a);
    case BPF_LDX:
        return load(each, registers::x);
    case BPF_ST:
        return store(each, registers::a);
    case BPF_STX:
        return store(each, registers::x);
    case BPF_ALU:
        return arithmetic(each);
    case BPF_JMP:
        return jump(at);
    case BPF_RET:
        return give_verdict(each);
    default: // BPF_MISC: its two operations
        if (BPF_MISCOP(each.code) == BPF_TXA)
            code_.alu32(BPF_MOV, registers::a, registers::x);
        else
            code_.alu32(BPF_MOV, registers::x, registers::a);
        return true;
    }
}

bool Body::load(const ClassicInstruction &each, Register to)
{
    switch (BPF_MODE(each.code)) {
    case BPF_ABS:
        if (!load_ancillary(each.k, to))
            frame_.load(to, each.k, bytes_of(each));
        return true;
    case BPF_IND:
        frame_.load_behind_x(to, each.k, bytes_of(each));
        return true;
    case BPF_IMM:
        code_.alu32(BPF_MOV, to, each.k);
        return true;
    case BPF_LEN:
        frame_.load_length(to);
        return true;
    case BPF_MEM:
        if (each.k >= classic_memory_words)
            return false;
        code_.load(4, to, Register::Frame, place_in_memory(each.k));
        return true;
    case BPF_MSH: // the length of an IPv4 header: 4 * (P[k] & 0xf)
        frame_.load(to, each.k, 1);
        code_.alu32(BPF_AND, to, 0xf);
        code_.alu32(BPF_LSH, to, 2);
        return true;
    default:
        return false;
    }
}

// False if it is none that libpcap asks for: then no frame reaches that far.
bool Body::load_ancillary(std::uint32_t offset, Register to)
{
    if (offset == ancillary_packet_type) {
        code_.alu32(BPF_MOV, to, packet_type_of(hook_.way));
        return true;
    }
    if (offset != ancillary_ifindex)
        return false;
    code_.load(4, to, registers::context,
               static_cast<std::int16_t>(hook_.xdp ? offsetof(xdp_md, ingress_ifindex)
                                                   : offsetof(__sk_buff, ifindex)));
    return true;
}

bool Body::store(const ClassicInstruction &each, Register from)
{
    if (each.k >= classic_memory_words)
        return false;
    code_.store(4, Register::Frame, place_in_memory(each.k), from);
    return true;
}

bool Body::arithmetic(const ClassicInstruction &each)
{
    const auto operation = static_cast<std::uint8_t>(BPF_OP(each.code));

    switch (operation) {
    case BPF_LSH:
    case BPF_RSH:
        shift(operation, each);
        return true;
    case BPF_DIV:
    case BPF_MOD:
        return divide(operation, each);
    case BPF_NEG:
        code_.alu32(BPF_NEG, registers::a, 0);
        return true;
    case BPF_ADD:
    case BPF_SUB:
    case BPF_MUL:
    case BPF_OR:
    case BPF_AND:
    case BPF_XOR:
        if (BPF_SRC(each.code) == BPF_X)
            code_.alu32(operation, registers::a, registers::x);
        else
            code_.alu32(operation, registers::a, each.k);
        return true;
    default:
        return false;
    }
}

// By 32 and more gives 0, as in libpcap; eBPF would take the number modulo 32.
void Body::shift(std::uint8_t operation, const ClassicInstruction &each)
{
    if (BPF_SRC(each.code) == BPF_K) {
        if (each.k < word_bits)
            code_.alu32(operation, registers::a, each.k);
        else
            code_.alu32(BPF_MOV, registers::a, 0);
        return;
    }
    const EbpfCode::Label small = code_.label();
    const EbpfCode::Label done = code_.label();
    code_.jump32_if(BPF_JLT, registers::x, word_bits, small);
    code_.alu32(BPF_MOV, registers::a, 0);
    code_.jump(done);
    code_.place(small);
    code_.alu32(operation, registers::a, registers::x);
    code_.place(done);
}

// By an X of 0: no match.
bool Body::divide(std::uint8_t operation, const ClassicInstruction &each)
{
    if (BPF_SRC(each.code) == BPF_K) {
        code_.alu32(operation, registers::a, each.k);
        return each.k != 0;
    }
    code_.jump32_if(BPF_JEQ, registers::x, 0, verdicts_.no_match);
    code_.alu32(operation, registers::a, registers::x);
    return true;
}

bool Body::jump(std::size_t at)
{
    const ClassicInstruction &each = program_[at];
    const unsigned kind = BPF_OP(each.code);

    if (kind == BPF_JA) {
        code_.jump(labels_[at + 1 + each.k]);
        return true;
    }
    if (kind != BPF_JEQ && kind != BPF_JGT && kind != BPF_JGE && kind != BPF_JSET)
        return false;
    const EbpfCode::Label if_true = labels_[at + 1 + each.jt];
    const EbpfCode::Label if_false = labels_[at + 1 + each.jf];
    if (each.jt == 0 && opposite(kind) != 0) {
        test(opposite(kind), each, if_false);
        return true;
    }
    test(static_cast<std::uint8_t>(kind), each, if_true);
    if (each.jf != 0)
        code_.jump(if_false);
    return true;
}

void Body::test(std::uint8_t test, const ClassicInstruction &each, EbpfCode::Label to)
{
    if (BPF_SRC(each.code) == BPF_X)
        code_.jump32_if(test, registers::a, registers::x, to);
    else
        code_.jump32_if(test, registers::a, each.k, to);
}

bool Body::give_verdict(const ClassicInstruction &each)
{
    if (BPF_RVAL(each.code) == BPF_A) {
        code_.jump32_if(BPF_JEQ, registers::a, 0, verdicts_.no_match);
        code_.jump(verdicts_.match);
    } else {
        code_.jump(each.k != 0 ? verdicts_.match : verdicts_.no_match);
    }
    return true;
}

} // namespace

Result<void> translate_body(const ClassicProgram &program, const FilterHook &hook,
                            const FrameAccess &frame, EbpfCode &code, const Verdicts &verdicts)
{
    return Body(program, hook, frame, code, verdicts).make();
}

} // namespace tcptrace
