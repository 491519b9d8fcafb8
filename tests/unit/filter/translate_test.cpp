// SPDX-License-Identifier: Apache-2.0
// What the translator makes of a program without asking a kernel: its form, and what it
// refuses. That its verdicts are right: tests/bpf/filter_test.cpp.
#include "filter/ebpf_code.h"
#include "filter/expression.h"
#include "filter/translate.h"

#include <catch2/catch_test_macros.hpp>
#include <linux/filter.h>

#include <algorithm>

using namespace tcptrace;

namespace {

constexpr FilterHook tc{.xdp = false, .may_hide_tag = true, .way = TT_IN};
constexpr FilterHook xdp{.xdp = true, .may_hide_tag = false, .way = TT_IN};

ClassicProgram compiled(const std::string &expression)
{
    const auto program = compile_expression(expression, ethernet_kind());
    REQUIRE(program);
    return *program;
}

std::string refusal(const ClassicProgram &program, const FilterHook &hook = tc)
{
    const auto code = translate(program, hook, std::nullopt);
    REQUIRE_FALSE(code);
    CHECK(code.error().status == Status::CannotRun);
    return code.error().message;
}

std::size_t calls_of(const std::vector<bpf_insn> &code, int helper)
{
    return static_cast<std::size_t>(std::ranges::count_if(code, [helper](const bpf_insn &each) {
        return each.code == (BPF_JMP | BPF_CALL) && each.imm == helper;
    }));
}

// Which instructions a run can come to; all jumps stay inside.
std::size_t reached(const std::vector<bpf_insn> &code)
{
    std::vector<bool> seen(code.size(), false);
    std::vector<std::size_t> next{0};
    while (!next.empty()) {
        const std::size_t at = next.back();
        next.pop_back();
        REQUIRE(at < code.size());
        if (seen[at])
            continue;
        seen[at] = true;
        const bpf_insn &each = code[at];
        const unsigned kind = BPF_CLASS(each.code);
        const bool jumps = (kind == BPF_JMP || kind == BPF_JMP32) &&
                           BPF_OP(each.code) != BPF_CALL && BPF_OP(each.code) != BPF_EXIT;
        if (jumps) {
            REQUIRE(each.off >= 0);
            next.push_back(at + 1 + static_cast<std::size_t>(each.off));
        }
        if (each.code != (BPF_JMP | BPF_EXIT) && each.code != (BPF_JMP | BPF_JA))
            next.push_back(at + 1);
    }
    return static_cast<std::size_t>(std::ranges::count(seen, true));
}

} // namespace

TEST_CASE("jumps go forward, and nothing is there that cannot be reached")
{
    for (const char *expression :
         {"", "tcp port 80", "len > 100", "vlan and ip", "ether[70000] = 1", "ether[10:4] = 1",
          "ip[ip[8]:2] / ip[9] = 3", "ifindex 3"}) {
        INFO(expression);
        for (const FilterHook &hook : {tc, xdp}) {
            const auto code = translate(compiled(expression), hook, std::nullopt);
            REQUIRE(code);
            CHECK(reached(*code) == code->size());
        }
    }
}

TEST_CASE("the hook's own program is called, whatever the verdict")
{
    const Handover handover{.cpus = 3, .programs = 4, .slot = 0, .verdict_offset = 16};
    const auto code = translate(compiled("tcp port 80"), xdp, handover);
    REQUIRE(code);
    CHECK(calls_of(*code, BPF_FUNC_tail_call) == 1); // one end for both verdicts
    CHECK(calls_of(*code, BPF_FUNC_map_lookup_elem) == 1);
    CHECK(calls_of(*code, BPF_FUNC_skb_load_bytes) == 0); // XDP has none
    CHECK(code->back().code == (BPF_JMP | BPF_EXIT));
}

TEST_CASE("one comparison with the packet's end serves all loads of a block")
{
    // Four loads, the second half of them covered by the comparison before the first.
    const ClassicProgram program{{BPF_LD | BPF_B | BPF_ABS, 0, 0, 20},
                                 {BPF_MISC | BPF_TAX, 0, 0, 0},
                                 {BPF_LD | BPF_H | BPF_ABS, 0, 0, 40},
                                 {BPF_LD | BPF_W | BPF_ABS, 0, 0, 10},
                                 {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1},
                                 {BPF_LD | BPF_B | BPF_ABS, 0, 0, 41},
                                 {BPF_RET | BPF_A, 0, 0, 0}};
    const auto code = translate(program, xdp, std::nullopt);
    REQUIRE(code);
    CHECK(std::ranges::count_if(*code, [](const bpf_insn &each) {
              return each.code == (BPF_JMP | BPF_JGT | BPF_X);
          }) == 1);
}

TEST_CASE("a loop stays in user space")
{
    CHECK(refusal(compiled("ip6 protochain 6")).contains("loop"));
}

TEST_CASE("what is no program is refused")
{
    const ClassicInstruction end{BPF_RET | BPF_K, 0, 0, 1};
    CHECK(refusal({}).contains("too large"));
    CHECK(refusal({{BPF_LD | BPF_IMM, 0, 0, 1}}).contains("no end"));
    CHECK(refusal({{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1}, end}).contains("no end"));
    CHECK(refusal({{BPF_JMP | BPF_JA, 0, 0, 0xffffffff}, end}).contains("loop"));
    CHECK(refusal({{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, end}).contains("instruction 0"));
    CHECK(refusal({{BPF_LD | BPF_MEM, 0, 0, 16}, end}).contains("instruction 0"));
    CHECK(refusal({{BPF_ST, 0, 0, 0x7fffffff}, end}).contains("instruction 0"));
    CHECK(refusal({{BPF_JMP | 0xf0, 0, 0, 0}, end}).contains("instruction 0"));
    CHECK(refusal({{BPF_ALU | 0xf0, 0, 0, 0}, end}).contains("instruction 0"));
}

TEST_CASE("too large is told, and not wrapped around")
{
    ClassicProgram program(classic_instructions_max + 1, {BPF_LD | BPF_IMM, 0, 0, 1});
    program.back() = {BPF_RET | BPF_K, 0, 0, 1};
    CHECK(refusal(program).contains("too large"));
    // As many as there may be, but each needs more room than jumps can cross.
    program.assign(classic_instructions_max, {BPF_LD | BPF_W | BPF_IND, 0, 0, 8});
    program.back() = {BPF_RET | BPF_A, 0, 0, 0};
    CHECK(refusal(program).contains("too large"));
}
