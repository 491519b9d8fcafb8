// SPDX-License-Identifier: Apache-2.0
#include "filter/ebpf_code.h"

#include <limits>

namespace tcptrace {

namespace {

constexpr unsigned size_of(unsigned bytes)
{
    return bytes == 1 ? BPF_B : bytes == 2 ? BPF_H : bytes == 4 ? BPF_W : BPF_DW;
}

constexpr unsigned wide_load = BPF_LD | BPF_IMM | BPF_DW; // the one instruction of two places

bool ends_here(const bpf_insn &instruction)
{
    return instruction.code == (BPF_JMP | BPF_EXIT) || instruction.code == (BPF_JMP | BPF_JA);
}

} // namespace

EbpfCode::Label EbpfCode::label()
{
    places_.push_back(0);
    return Label(places_.size() - 1);
}

void EbpfCode::place(Label label)
{
    places_[label.index_] = steps_.size();
}

void EbpfCode::add(unsigned code, Register to, Register from, std::int16_t offset,
                   std::int32_t value, std::int64_t target)
{
    bpf_insn instruction{};
    instruction.code = static_cast<std::uint8_t>(code);
    instruction.dst_reg = static_cast<std::uint8_t>(to) & 0xf;
    instruction.src_reg = static_cast<std::uint8_t>(from) & 0xf;
    instruction.off = offset;
    instruction.imm = value;
    steps_.push_back({instruction, target});
}

void EbpfCode::alu64(std::uint8_t operation, Register to, std::int32_t value)
{
    add(BPF_ALU64 | operation | BPF_K, to, Register::R0, 0, value);
}

void EbpfCode::alu64(std::uint8_t operation, Register to, Register from)
{
    add(BPF_ALU64 | operation | BPF_X, to, from, 0, 0);
}

void EbpfCode::alu32(std::uint8_t operation, Register to, std::uint32_t value)
{
    add(BPF_ALU | operation | BPF_K, to, Register::R0, 0, static_cast<std::int32_t>(value));
}

void EbpfCode::alu32(std::uint8_t operation, Register to, Register from)
{
    add(BPF_ALU | operation | BPF_X, to, from, 0, 0);
}

void EbpfCode::from_big_endian(Register value, unsigned bytes)
{
    if (bytes > 1)
        add(BPF_ALU | BPF_END | BPF_TO_BE, value, Register::R0, 0,
            static_cast<std::int32_t>(bytes * 8));
}

void EbpfCode::load(unsigned bytes, Register to, Register base, std::int16_t offset)
{
    add(BPF_LDX | BPF_MEM | size_of(bytes), to, base, offset, 0);
}

void EbpfCode::store(unsigned bytes, Register base, std::int16_t offset, Register from)
{
    add(BPF_STX | BPF_MEM | size_of(bytes), base, from, offset, 0);
}

void EbpfCode::store(unsigned bytes, Register base, std::int16_t offset, std::int32_t value)
{
    add(BPF_ST | BPF_MEM | size_of(bytes), base, Register::R0, offset, value);
}

void EbpfCode::load_map(Register to, int map)
{
    add(wide_load, to, static_cast<Register>(BPF_PSEUDO_MAP_FD), 0, map);
    add(0, Register::R0, Register::R0, 0, 0);
}

void EbpfCode::jump(Label to)
{
    add(BPF_JMP | BPF_JA, Register::R0, Register::R0, 0, 0, static_cast<std::int64_t>(to.index_));
}

void EbpfCode::jump64_if(std::uint8_t test, Register left, std::int32_t right, Label to)
{
    add(BPF_JMP | test | BPF_K, left, Register::R0, 0, right, static_cast<std::int64_t>(to.index_));
}

void EbpfCode::jump64_if(std::uint8_t test, Register left, Register right, Label to)
{
    add(BPF_JMP | test | BPF_X, left, right, 0, 0, static_cast<std::int64_t>(to.index_));
}

void EbpfCode::jump32_if(std::uint8_t test, Register left, std::uint32_t right, Label to)
{
    add(BPF_JMP32 | test | BPF_K, left, Register::R0, 0, static_cast<std::int32_t>(right),
        static_cast<std::int64_t>(to.index_));
}

void EbpfCode::jump32_if(std::uint8_t test, Register left, Register right, Label to)
{
    add(BPF_JMP32 | test | BPF_X, left, right, 0, 0, static_cast<std::int64_t>(to.index_));
}

void EbpfCode::call(std::uint32_t helper)
{
    add(BPF_JMP | BPF_CALL, Register::R0, Register::R0, 0, static_cast<std::int32_t>(helper));
}

void EbpfCode::exit()
{
    add(BPF_JMP | BPF_EXIT, Register::R0, Register::R0, 0, 0);
}

// All jumps go forward, so one pass sees each step after all that lead to it.
std::vector<bool> EbpfCode::reachable() const
{
    std::vector<bool> seen(steps_.size() + 1, false);
    seen[0] = true;
    for (std::size_t i = 0; i < steps_.size(); i++) {
        if (!seen[i])
            continue;
        if (steps_[i].target >= 0)
            seen[places_[static_cast<std::size_t>(steps_[i].target)]] = true;
        if (!ends_here(steps_[i].instruction))
            seen[i + 1] = true;
    }
    seen.resize(steps_.size());
    return seen;
}

Result<std::vector<bpf_insn>> EbpfCode::finish() const
{
    const std::vector<bool> kept = reachable();
    std::vector<std::int64_t> position(steps_.size() + 1, 0);
    std::vector<bpf_insn> code;

    for (std::size_t i = 0; i < steps_.size(); i++)
        position[i + 1] = position[i] + kept[i];
    for (std::size_t i = 0; i < steps_.size(); i++) {
        if (!kept[i])
            continue;
        code.push_back(steps_[i].instruction);
        if (steps_[i].target < 0)
            continue;
        const std::size_t to = places_[static_cast<std::size_t>(steps_[i].target)];
        const std::int64_t distance = position[to] - position[i] - 1;
        if (distance > std::numeric_limits<std::int16_t>::max())
            return fail(Status::CannotRun, "too large for the kernel: a jump in it is too far");
        code.back().off = static_cast<std::int16_t>(distance);
    }
    return code;
}

} // namespace tcptrace
