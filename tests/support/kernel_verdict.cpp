// SPDX-License-Identifier: Apache-2.0
#include "support/kernel_verdict.h"

#include "filter/ebpf_code.h"
#include "source/load_filter.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

namespace tcptrace::test {

namespace {

constexpr std::int32_t not_pushed = 1000; // no verdict

template <typename T>
T must(Result<T> result)
{
    if (!result)
        throw std::runtime_error(result.error().message);
    return std::move(*result);
}

// Puts the tag of cb[0], cb[1] beside the packet, as a device would, and calls the filter.
UniqueFd load_pusher(int next)
{
    EbpfCode code;
    const EbpfCode::Label failed = code.label();
    code.alu64(BPF_MOV, Register::R6, Register::R1);
    code.load(4, Register::R2, Register::R6, offsetof(__sk_buff, cb));
    code.load(4, Register::R3, Register::R6, offsetof(__sk_buff, cb) + 4);
    code.call(BPF_FUNC_skb_vlan_push);
    code.jump64_if(BPF_JNE, Register::R0, 0, failed);
    code.alu64(BPF_MOV, Register::R1, Register::R6);
    code.load_map(Register::R2, next);
    code.alu64(BPF_MOV, Register::R3, 0);
    code.call(BPF_FUNC_tail_call);
    code.place(failed);
    code.alu64(BPF_MOV, Register::R0, not_pushed);
    code.exit();
    return must(load_filter(must(code.finish()), {}, "tt_push"));
}

std::optional<bool> run(int program, std::span<const std::uint8_t> frame, __sk_buff *context)
{
    std::array<std::uint8_t, 4096> after{};
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(), .data_out = after.data(),
                .data_size_in = static_cast<__u32>(frame.size()), .data_size_out = after.size());
    if (context) {
        options.ctx_in = context;
        options.ctx_size_in = sizeof *context;
    }
    if (const int error = bpf_prog_test_run_opts(program, &options); error != 0) {
        if (error == -EINVAL)
            return std::nullopt;
        throw std::runtime_error(std::string("BPF_PROG_TEST_RUN: ") + std::strerror(-error));
    }
    if (options.retval > 1)
        throw std::runtime_error("no verdict: " + std::to_string(options.retval));
    return options.retval == 1;
}

} // namespace

KernelVerdict::KernelVerdict(const ClassicProgram &program, const FilterHook &hook) : xdp_(hook.xdp)
{
    const auto code = must(translate(program, hook, std::nullopt));
    instructions_ = code.size();
    program_ = must(load_filter(code, hook, "tt_filter"));
    if (!hook.may_hide_tag)
        return;
    const std::uint32_t only = 0;
    const int fd = program_.get();
    next_ = UniqueFd(
        bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "tt_next", sizeof(int), sizeof(int), 1, nullptr));
    if (!next_ || bpf_map_update_elem(next_.get(), &only, &fd, BPF_ANY) != 0)
        throw std::runtime_error("no map of programs");
    pusher_ = load_pusher(next_.get());
}

std::optional<bool> KernelVerdict::operator()(std::span<const std::uint8_t> frame) const
{
    __sk_buff context{};
    context.ifindex = 1;
    return run(program_.get(), frame, xdp_ ? nullptr : &context);
}

std::optional<bool> KernelVerdict::tagged(std::span<const std::uint8_t> frame,
                                          const HiddenTag &tag) const
{
    __sk_buff context{};
    context.ifindex = 1;
    context.cb[0] = static_cast<__u32>(tag.tpid >> 8 | (tag.tpid & 0xff) << 8); // network order
    context.cb[1] = tag.tci;
    return run(pusher_.get(), frame, &context);
}

} // namespace tcptrace::test
