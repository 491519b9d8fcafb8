// SPDX-License-Identifier: Apache-2.0
// What one healthy segment costs in the kernel at each depth and hook: BPF_PROG_TEST_RUN
// on a hot acknowledgment, 400,000 times, best of 7 rounds, less an empty program of the
// same kind. Prints nanoseconds. Not a test: an absolute time proves nothing elsewhere.
#include <tcptrace/flow_set.h>
#include <tcptrace/kernel_memory.h>
#include <tcptrace/record.h>
#include <tcptrace/settings.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <tcptrace.skel.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace {

constexpr int repeat = 400000;
constexpr int rounds = 7;

using Frame = std::array<std::uint8_t, 66>;

// Ethernet, IPv4, TCP with timestamps: an acknowledgment of an established connection.
constexpr Frame acknowledgment{
    0x02, 0,    0, 0,  0, 0x02, 0x02, 0, 0,  0, 0, 0x01, 0x08, 0x00,                        //
    0x45, 0,    0, 52, 0, 1,    0x40, 0, 64, 6, 0, 0,    192,  0,    2, 1,    192, 0, 2, 2, //
    0x9c, 0x40, 0, 80, 0, 0,    0,    1, 0,  0, 0, 1,    0x80, 0x10, 1, 0xf6, 0,   0, 0, 0, //
    1,    1,    8, 10, 0, 0,    0,    1, 0,  0, 0, 1};

// Nanoseconds a run; less than 0 if it does not run.
double run(int program)
{
    double best = -1;
    for (int round = 0; round < rounds; round++) {
        LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = acknowledgment.data(),
                    .data_size_in = acknowledgment.size(), .repeat = repeat);
        if (bpf_prog_test_run_opts(program, &opts) != 0)
            return -1;
        const double ns = opts.duration;
        best = best < 0 ? ns : std::min(best, ns);
    }
    return best;
}

// `return verdict`, the least a program of this type can be.
double run_empty(bpf_prog_type type, int verdict)
{
    const std::array<bpf_insn, 2> instructions{
        bpf_insn{.code = BPF_ALU64 | BPF_MOV | BPF_K,
                 .dst_reg = 0,
                 .src_reg = 0,
                 .off = 0,
                 .imm = verdict},
        bpf_insn{.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
    const int program =
        bpf_prog_load(type, "empty", "GPL", instructions.data(), instructions.size(), nullptr);
    return program < 0 ? -1 : run(program);
}

tcptrace_bpf *load(tt_depth depth)
{
    tcptrace_bpf *skeleton = tcptrace_bpf::open();
    if (!skeleton)
        return nullptr;
    skeleton->rodata->settings.depth = static_cast<tt_u8>(depth);
    skeleton->rodata->settings.damp = 1;
    skeleton->rodata->settings.syn_limit_ns = TT_SYN_LIMIT_DEFAULT_NS;
    skeleton->rodata->settings.seed = 1;
    skeleton->rodata->kernel.flow_sets_mask = TT_FLOWS_DEFAULT / TT_FLOW_PLACES - 1;
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj)
    {
        const bpf_prog_type type = bpf_program__type(program);
        bpf_program__set_autoload(program,
                                  type == BPF_PROG_TYPE_SCHED_CLS || type == BPF_PROG_TYPE_XDP);
    }
    if (tcptrace_bpf::load(skeleton) != 0)
        return nullptr;
    return skeleton;
}

} // namespace

int main()
{
    const double empty_tc = run_empty(BPF_PROG_TYPE_SCHED_CLS, -1);
    const double empty_xdp = run_empty(BPF_PROG_TYPE_XDP, XDP_PASS);
    if (empty_tc < 0 || empty_xdp < 0) {
        std::fprintf(stderr, "kernel_cost: cannot run BPF programs here; it takes root\n");
        return 3;
    }
    std::printf("%-34s %5.0f (TC) %5.0f (XDP)\n", "an empty program, in all", empty_tc, empty_xdp);
    struct Case {
        const char *name;
        tt_depth depth;
        std::uint64_t watched;
    };
    for (const Case &each : {Case{"notable, nothing watched", TT_DEPTH_NOTABLE, 0},
                             Case{"notable, another flow watched", TT_DEPTH_NOTABLE, 1},
                             Case{"sequence, one hot flow", TT_DEPTH_SEQUENCE, 0}}) {
        tcptrace_bpf *skeleton = load(each.depth);
        if (!skeleton) {
            std::fprintf(stderr, "kernel_cost: the programs do not load\n");
            return 3;
        }
        skeleton->bss->shared.watched = each.watched;
        std::printf("%-34s %+5.0f (TC) %+5.0f (XDP)\n", each.name,
                    run(bpf_program__fd(skeleton->progs.tcptrace_in)) - empty_tc,
                    run(bpf_program__fd(skeleton->progs.tcptrace_xdp)) - empty_xdp);
        tcptrace_bpf::destroy(skeleton);
    }
    return 0;
}
