// SPDX-License-Identifier: Apache-2.0
#include "filter/frame_access.h"

#include <cstddef>

namespace tcptrace {

namespace {

// Where a tag stands in a frame: behind both addresses.
constexpr std::uint32_t tag_begin = 12;
constexpr std::uint32_t tag_bytes = 4;
constexpr std::uint32_t tag_end = tag_begin + tag_bytes;
constexpr std::uint32_t head_bytes = tag_end + 4; // what a load that touches the tag can reach

constexpr std::uint32_t direct_max = 0xfff0;     // the verifier's MAX_PACKET_OFF, less a word
constexpr std::uint32_t helper_max = 0x7ffffff0; // bpf_skb_load_bytes() takes an int
constexpr std::uint32_t instruction_offset_max = 0x7ff0;

constexpr auto ctx_length = offsetof(__sk_buff, len);

std::int16_t narrow(std::size_t offset)
{
    return static_cast<std::int16_t>(offset);
}

} // namespace

void FrameAccess::begin()
{
    if (means_ == Means::Direct) {
        code_.load(4, registers::data, registers::context,
                   narrow(xdp_ ? offsetof(xdp_md, data) : offsetof(__sk_buff, data)));
        code_.load(4, registers::data_end, registers::context,
                   narrow(xdp_ ? offsetof(xdp_md, data_end) : offsetof(__sk_buff, data_end)));
    } else if (tagged_) {
        copy_head();
    }
}

// Byte for byte behind the tag: a frame may end there, and what is missing stays 0.
void FrameAccess::copy_head()
{
    code_.alu64(BPF_MOV, Register::R2, 0);
    call_helper(tag_begin, stack::head);
    code_.alu64(BPF_MOV, Register::R1, registers::tag);
    code_.from_big_endian(Register::R1, tag_bytes);
    code_.store(tag_bytes, Register::Frame, narrow(stack::head + tag_begin), Register::R1);
    for (std::uint32_t i = tag_end; i < head_bytes; i++) {
        code_.alu64(BPF_MOV, Register::R2, static_cast<std::int32_t>(i - tag_bytes));
        call_helper(1, narrow(stack::head + i));
    }
}

void FrameAccess::guard(std::uint32_t end)
{
    code_.alu64(BPF_MOV, Register::R3, registers::data);
    code_.alu64(BPF_ADD, Register::R3, static_cast<std::int32_t>(end));
    code_.jump64_if(BPF_JGT, Register::R3, registers::data_end, beyond_);
}

std::uint32_t FrameAccess::guarded_end(std::uint32_t offset, unsigned bytes) const
{
    if (means_ != Means::Direct || offset > direct_max)
        return 0;
    if (!tagged_ || offset + bytes <= tag_begin)
        return offset + bytes;
    return offset >= tag_end ? offset + bytes - tag_bytes : 0;
}

void FrameAccess::load(Register to, std::uint32_t offset, unsigned bytes)
{
    if (means_ == Means::Direct) {
        load_direct(to, offset, bytes);
        return;
    }
    if (offset > helper_max) {
        code_.jump(beyond_);
        return;
    }
    if (tagged_ && offset + bytes > tag_begin) {
        if (offset < tag_end) {
            if (offset + bytes > tag_end) {
                code_.load(4, Register::R3, registers::context, ctx_length);
                code_.jump64_if(BPF_JLT, Register::R3,
                                static_cast<std::int32_t>(offset + bytes - tag_bytes), beyond_);
            }
            load_from_head(to, offset, bytes);
            return;
        }
        offset -= tag_bytes;
    }
    code_.alu64(BPF_MOV, Register::R2, static_cast<std::int32_t>(offset));
    load_by_helper(to, bytes);
}

void FrameAccess::load_direct(Register to, std::uint32_t offset, unsigned bytes)
{
    if (offset > direct_max) {
        code_.jump(give_up_);
        return;
    }
    if (tagged_ && offset + bytes > tag_begin) {
        if (offset < tag_end) {
            if (offset < tag_begin || offset + bytes > tag_end)
                code_.jump(give_up_);
            else
                load_tag(to, offset, bytes);
            return;
        }
        offset -= tag_bytes;
    }
    if (offset <= instruction_offset_max) {
        code_.load(bytes, to, registers::data, narrow(offset));
    } else {
        code_.alu64(BPF_MOV, Register::R3, registers::data);
        code_.alu64(BPF_ADD, Register::R3, static_cast<std::int32_t>(offset));
        code_.load(bytes, to, Register::R3, 0);
    }
    code_.from_big_endian(to, bytes);
}

// A load that lies within the tag.
void FrameAccess::load_tag(Register to, std::uint32_t offset, unsigned bytes)
{
    code_.alu32(BPF_MOV, to, registers::tag);
    if (const std::uint32_t behind = tag_end - offset - bytes; behind > 0)
        code_.alu32(BPF_RSH, to, behind * 8);
    if (bytes < tag_bytes)
        code_.alu32(BPF_AND, to, (1U << bytes * 8) - 1);
}

// Byte for byte where the verifier would have the stack read aligned.
void FrameAccess::load_from_head(Register to, std::uint32_t offset, unsigned bytes)
{
    const auto place = [offset](unsigned i) { return narrow(stack::head + offset + i); };

    if (offset % bytes == 0) {
        code_.load(bytes, to, Register::Frame, place(0));
        code_.from_big_endian(to, bytes);
        return;
    }
    code_.load(1, to, Register::Frame, place(0));
    for (unsigned i = 1; i < bytes; i++) {
        code_.alu64(BPF_LSH, to, 8);
        code_.load(1, Register::R5, Register::Frame, place(i));
        code_.alu64(BPF_OR, to, Register::R5);
    }
}

void FrameAccess::load_behind_x(Register to, std::uint32_t offset, unsigned bytes)
{
    const bool direct = means_ == Means::Direct;

    if (offset > (direct ? direct_max : helper_max)) {
        code_.jump(direct ? give_up_ : beyond_);
    } else if (direct) {
        load_direct_behind_x(to, offset, bytes);
    } else {
        load_by_helper_behind_x(to, offset, bytes);
    }
}

void FrameAccess::load_direct_behind_x(Register to, std::uint32_t offset, unsigned bytes)
{
    const EbpfCode::Label access = code_.label();

    // 64 bits: X + k does not wrap. Added even if 0: X and the sum are different numbers to
    // the verifier then, and what it learns of one does not split its knowledge of the other.
    code_.alu32(BPF_MOV, Register::R3, registers::x);
    code_.alu64(BPF_ADD, Register::R3, static_cast<std::int32_t>(offset));
    code_.jump64_if(BPF_JGT, Register::R3, direct_max, give_up_);
    if (tagged_) {
        code_.jump64_if(BPF_JLE, Register::R3, static_cast<std::int32_t>(tag_begin - bytes),
                        access);
        code_.jump64_if(BPF_JLT, Register::R3, tag_end, give_up_);
        code_.alu64(BPF_SUB, Register::R3, tag_bytes);
    }
    code_.place(access);
    code_.alu64(BPF_MOV, Register::R4, registers::data);
    code_.alu64(BPF_ADD, Register::R4, Register::R3);
    code_.alu64(BPF_MOV, Register::R5, Register::R4);
    code_.alu64(BPF_ADD, Register::R5, static_cast<std::int32_t>(bytes));
    code_.jump64_if(BPF_JGT, Register::R5, registers::data_end, beyond_);
    code_.load(bytes, to, Register::R4, 0);
    code_.from_big_endian(to, bytes);
}

void FrameAccess::load_by_helper_behind_x(Register to, std::uint32_t offset, unsigned bytes)
{
    const EbpfCode::Label access = code_.label();
    const EbpfCode::Label crossing = code_.label();
    const EbpfCode::Label done = code_.label();

    code_.alu32(BPF_MOV, Register::R2, registers::x);
    code_.alu64(BPF_ADD, Register::R2, static_cast<std::int32_t>(offset));
    code_.jump64_if(BPF_JGT, Register::R2, helper_max, beyond_);
    if (tagged_) {
        code_.jump64_if(BPF_JLE, Register::R2, static_cast<std::int32_t>(tag_begin - bytes),
                        access);
        code_.jump64_if(BPF_JLT, Register::R2, tag_end, crossing);
        code_.alu64(BPF_SUB, Register::R2, tag_bytes);
    }
    code_.place(access);
    load_by_helper(to, bytes);
    if (tagged_) {
        code_.jump(done);
        code_.place(crossing);
        load_crossing_tag(to, bytes, done);
    }
    code_.place(done);
}

// From the copy of the frame's head, at the offset in R2. One load for each value it can
// have: kernels before 5.12 let nobody read the stack at an offset that is not constant.
void FrameAccess::load_crossing_tag(Register to, unsigned bytes, EbpfCode::Label done)
{
    code_.load(4, Register::R3, registers::context, ctx_length);
    code_.alu64(BPF_ADD, Register::R3, tag_bytes);
    code_.alu64(BPF_MOV, Register::R4, Register::R2);
    code_.alu64(BPF_ADD, Register::R4, static_cast<std::int32_t>(bytes));
    code_.jump64_if(BPF_JGT, Register::R4, Register::R3, beyond_);
    for (std::uint32_t offset = tag_begin - bytes + 1; offset < tag_end; offset++) {
        const EbpfCode::Label next = code_.label();
        code_.jump64_if(BPF_JNE, Register::R2, static_cast<std::int32_t>(offset), next);
        load_from_head(to, offset, bytes);
        code_.jump(done);
        code_.place(next);
    }
    code_.jump(beyond_);
}

// bpf_skb_load_bytes() from the offset in R2.
void FrameAccess::call_helper(unsigned bytes, std::int16_t to)
{
    code_.alu64(BPF_MOV, Register::R1, registers::context);
    code_.alu64(BPF_MOV, Register::R3, Register::Frame);
    code_.alu64(BPF_ADD, Register::R3, to);
    code_.alu64(BPF_MOV, Register::R4, static_cast<std::int32_t>(bytes));
    code_.call(BPF_FUNC_skb_load_bytes);
}

void FrameAccess::load_by_helper(Register to, unsigned bytes)
{
    call_helper(bytes, stack::buffer);
    code_.jump64_if(BPF_JNE, Register::R0, 0, beyond_);
    code_.load(bytes, to, Register::Frame, stack::buffer);
    code_.from_big_endian(to, bytes);
}

void FrameAccess::load_length(Register to)
{
    if (xdp_) {
        code_.alu64(BPF_MOV, to, registers::data_end);
        code_.alu64(BPF_SUB, to, registers::data);
        return;
    }
    code_.load(4, to, registers::context, ctx_length);
    if (tagged_)
        code_.alu64(BPF_ADD, to, tag_bytes);
}

} // namespace tcptrace
