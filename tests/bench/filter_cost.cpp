// SPDX-License-Identifier: Apache-2.0
// What the user's filter adds to a packet in the kernel, over an empty program at the same
// hook, by BPF_PROG_TEST_RUN: the filter, the note of its verdict, and the call of the program
// behind it, which is the empty one; on the same data segment again and again.
#include "filter/expression.h"
#include "source/load_filter.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <span>
#include <vector>

namespace {

using namespace tcptrace;

constexpr int repeats = 100'000;
constexpr int rounds = 40;

// Ethernet, IPv4, TCP: [P.], 10.0.0.1.40000 > 10.0.0.2.80, 112 bytes of payload.
constexpr std::array<std::uint8_t, 14 + 20 + 20 + 112> segment{
    2,    0,    0, 0,   0, 2, 2,    0, 0,  0, 0, 1, 0x08, 0,                           // Ethernet
    0x45, 0,    0, 152, 1, 2, 0x40, 0, 64, 6, 0, 0, 10,   0,    0, 1,    10, 0, 0, 2,  // IPv4
    0x9c, 0x40, 0, 80,  0, 0, 0,    1, 0,  0, 0, 1, 0x50, 0x18, 1, 0xf6, 0,  0, 0, 0}; // TCP

double thread_ns()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// A program whose cost is asked for; the lowest of all rounds.
struct Item {
    UniqueFd program;
    double ns = std::numeric_limits<double>::max();

    void measure()
    {
        LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = segment.data(),
                    .data_size_in = segment.size(), .repeat = repeats);
        const double begin = thread_ns();
        if (bpf_prog_test_run_opts(program.get(), &options) == 0)
            ns = std::min(ns, (thread_ns() - begin) / repeats);
    }
};

// One hook: an empty program, and filters before it.
class Bench {
public:
    explicit Bench(const FilterHook &hook)
        : hook_(hook), cpus_(bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "cpus", 4, 8, 1, nullptr)),
          next_(bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "next", 4, 4, 1, nullptr))
    {
        // r0 = 0; exit
        const std::array<bpf_insn, 2> code{bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
                                           bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
        add(code);
        const std::uint32_t only = 0;
        const int empty = items.front().program.get();
        works = works && bpf_map_update_elem(next_.get(), &only, &empty, BPF_ANY) == 0;
    }

    void add_filter(const char *expression)
    {
        const auto program = compile_expression(expression, ethernet_kind());
        const Handover handover{.cpus = cpus_.get(), .programs = next_.get()};
        const auto code =
            program ? translate(*program, hook_, handover) : Result<std::vector<bpf_insn>>{};
        add(code ? *code : std::vector<bpf_insn>{});
    }

    std::vector<Item> items; // the empty program first
    bool works = true;

private:
    void add(std::span<const bpf_insn> code)
    {
        auto program = load_filter(code, hook_, "bench");
        works = works && program;
        items.push_back({.program = program ? std::move(*program) : UniqueFd{}});
    }

    FilterHook hook_;
    UniqueFd cpus_;
    UniqueFd next_;
};

} // namespace

int main()
{
    constexpr std::array expressions{"host 10.0.0.1 and port 80",          // matches
                                     "tcp[tcpflags] & tcp-syn != 0",       // does not
                                     "tcp port 443",                       // does not
                                     "not port 22 and not port 53 and ip", // matches
                                     "net 10.0.0.0/8 and tcp portrange 1-1023 and greater 100"};
    Bench tc({.xdp = false, .may_hide_tag = true, .way = TT_IN});
    Bench xdp({.xdp = true, .may_hide_tag = false, .way = TT_IN});

    for (const char *expression : expressions) {
        tc.add_filter(expression);
        xdp.add_filter(expression);
    }
    if (!tc.works || !xdp.works) {
        std::fprintf(stderr, "filter_cost: BPF programs cannot be loaded here\n");
        return 77;
    }
    // In turns, so that what else the machine does disturbs all alike.
    for (int round = 0; round < rounds; round++) {
        for (Bench *bench : {&tc, &xdp})
            std::ranges::for_each(bench->items, &Item::measure);
    }
    std::printf("%-58s %6s %6s\n", "a filter, on a TCP segment", "tc", "xdp");
    for (std::size_t i = 0; i < expressions.size(); i++)
        std::printf("%-58s %6.1f %6.1f\n", expressions[i], tc.items[i + 1].ns - tc.items[0].ns,
                    xdp.items[i + 1].ns - xdp.items[0].ns);
    std::printf("%-58s %6.1f %6.1f\n", "(an empty program)", tc.items[0].ns, xdp.items[0].ns);
}
