// SPDX-License-Identifier: Apache-2.0
// What one packet costs in the kernel, over an empty program at the same hook, by
// BPF_PROG_TEST_RUN: the same healthy data segment again and again, so all that is
// touched is in the cache. Not what attaching costs: send_cost.cpp.
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
#include <ctime>
#include <limits>

namespace {

constexpr int repeats = 400'000;
constexpr int rounds = 7;

// Ethernet, IPv4, TCP: [P.], 100 bytes of payload, window 502, with timestamps.
std::array<std::uint8_t, 14 + 20 + 32 + 100> segment()
{
    std::array<std::uint8_t, 14 + 20 + 32 + 100> frame{
        2,    0,    0, 0,   0, 2, 2,    0, 0,  0, 0, 1, 0x08, 0, // Ethernet
        0x45, 0,    0, 152, 1, 2, 0x40, 0, 64, 6, 0, 0, 10,   0,    0, 1,    10, 0, 0, 2, // IPv4
        0x9c, 0x40, 0, 80,  0, 0, 0,    1, 0,  0, 0, 1, 0x80, 0x18, 1, 0xf6, 0,  0, 0, 0, // TCP
        1,    1,    8, 10};
    return frame;
}

double thread_ns()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nanoseconds a run, the best of several rounds.
double cost(int program)
{
    auto frame = segment();
    double best = std::numeric_limits<double>::max();

    for (int round = 0; round < rounds; round++) {
        DECLARE_LIBBPF_OPTS(bpf_test_run_opts, options);
        options.data_in = frame.data();
        options.data_size_in = static_cast<__u32>(frame.size());
        options.repeat = repeats;
        const double begin = thread_ns();
        if (bpf_prog_test_run_opts(program, &options) != 0)
            return -1;
        best = std::min(best, (thread_ns() - begin) / repeats);
    }
    return best;
}

// r0 = verdict; exit
int empty_program(bpf_prog_type type, int verdict)
{
    const std::array<bpf_insn, 2> code{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, verdict},
                                       bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    return bpf_prog_load(type, "empty", "GPL", code.data(), code.size(), nullptr);
}

struct Loaded {
    tcptrace_bpf *skeleton = tcptrace_bpf::open();

    // What is asked for beside the depth.
    struct More {
        tt_u32 recorder = 0; // packets
    };

    explicit Loaded(tt_depth depth, More more = {0})
    {
        skeleton->rodata->settings.depth = depth;
        skeleton->rodata->settings.damp = 1;
        skeleton->rodata->settings.syn_limit_ns = TT_SYN_LIMIT_DEFAULT_NS;
        skeleton->rodata->kernel.flow_sets_mask = TT_FLOWS_DEFAULT / TT_FLOW_PLACES - 1;
        skeleton->rodata->settings.recorder = more.recorder;
        const auto cpus = static_cast<std::uint32_t>(libbpf_num_possible_cpus());
        if (more.recorder)
            bpf_map__set_max_entries(skeleton->maps.recorder, more.recorder * cpus);
        bpf_program *program = nullptr;
        bpf_object__for_each_program(program, skeleton->obj)
        {
            const bool used = program == skeleton->progs.tcptrace_in ||
                              program == skeleton->progs.tcptrace_out ||
                              program == skeleton->progs.tcptrace_xdp;
            bpf_program__set_autoload(program, used);
        }
        ok = tcptrace_bpf::load(skeleton) == 0;
    }
    Loaded(const Loaded &) = delete;
    Loaded &operator=(const Loaded &) = delete;
    ~Loaded() { tcptrace_bpf::destroy(skeleton); }

    bool ok = false;
};

struct Empty {
    double tc;
    double xdp;
};

void print(const char *what, const Loaded &loaded, const Empty &empty)
{
    const auto &programs = loaded.skeleton->progs;
    std::printf("%-44s %6.1f %6.1f %6.1f\n", what,
                cost(bpf_program__fd(programs.tcptrace_in)) - empty.tc,
                cost(bpf_program__fd(programs.tcptrace_out)) - empty.tc,
                cost(bpf_program__fd(programs.tcptrace_xdp)) - empty.xdp);
}

} // namespace

int main()
{
    const int tc = empty_program(BPF_PROG_TYPE_SCHED_CLS, -1);
    const int xdp = empty_program(BPF_PROG_TYPE_XDP, XDP_PASS);
    const Loaded notable(TT_DEPTH_NOTABLE);
    const Loaded sequence(TT_DEPTH_SEQUENCE);
    const Loaded recorded(TT_DEPTH_NOTABLE, {.recorder = 1U << 16});
    const Loaded remembered(TT_DEPTH_SEQUENCE, {.recorder = 1U << 16});

    if (tc < 0 || xdp < 0 || !notable.ok || !sequence.ok || !recorded.ok || !remembered.ok) {
        std::fprintf(stderr, "kernel_cost: the BPF programs cannot be loaded here\n");
        return 77;
    }
    const Empty empty{cost(tc), cost(xdp)};
    std::printf("%-44s %6s %6s %6s\n", "a healthy data segment", "tc in", "tc out", "xdp");
    print("depth notable, no flow watched", notable, empty);
    notable.skeleton->bss->shared.watched = 1;
    print("depth notable, another flow watched", notable, empty);
    print("depth sequence, one flow", sequence, empty);
    print("depth notable, with the recorder of 16 MiB", recorded, empty);
    print("depth sequence, with the recorder", remembered, empty);
    std::printf("%-44s %6.1f %6.1f %6.1f\n", "(an empty program)", empty.tc, empty.tc, empty.xdp);
}
