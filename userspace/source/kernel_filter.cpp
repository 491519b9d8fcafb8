// SPDX-License-Identifier: Apache-2.0
#include "source/kernel_filter.h"

#include "filter/translate.h"
#include "source/load_filter.h"

#include <tcptrace/kernel_memory.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace tcptrace {

namespace {

// One hook of those there are: what is attached there, and the filter that goes before.
// Their names begin as all of ours do, by which attach.cpp knows leftovers.
struct HookKind {
    const char *name;
    FilterHook hook;
    bool raw;
    int Attachment::Programs::*program;
};

constexpr std::array<HookKind, 5> hook_kinds{
    HookKind{"tcptrace_f_in",
             {.xdp = false, .may_hide_tag = true, .way = TT_IN},
             false,
             &Attachment::Programs::tc_ingress},
    HookKind{"tcptrace_f_out",
             {.xdp = false, .may_hide_tag = true, .way = TT_OUT},
             false,
             &Attachment::Programs::tc_egress},
    HookKind{"tcptrace_f_inr",
             {.xdp = false, .may_hide_tag = false, .way = TT_IN},
             true,
             &Attachment::Programs::tc_ingress},
    HookKind{"tcptrace_f_outr",
             {.xdp = false, .may_hide_tag = false, .way = TT_OUT},
             true,
             &Attachment::Programs::tc_egress},
    HookKind{"tcptrace_f_xdp",
             {.xdp = true, .may_hide_tag = false, .way = TT_IN},
             false,
             &Attachment::Programs::xdp_ingress}};

// A map of programs holds those of one type; one map for each filter is the simplest way.
Result<UniqueFd> map_with(int program)
{
    const std::uint32_t only = 0;
    UniqueFd map(bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "tcptrace_next", sizeof(int), sizeof(int),
                                1, nullptr));
    if (!map || bpf_map_update_elem(map.get(), &only, &program, BPF_ANY) != 0)
        return fail(Status::CannotRun, fmt::format("cannot put a program behind the filter: {}",
                                                   std::strerror(errno)));
    return map;
}

std::string in_user_space(std::string_view why)
{
    return fmt::format("the filter runs in user space: {}", why);
}

} // namespace

Result<KernelFilter> KernelFilter::prepare(const std::string &expression, Inner inner, bool xdp)
{
    auto programs = compile_programs(expression, ethernet_kind(), inner);
    if (!programs)
        return std::unexpected(programs.error());
    if (!programs->own || programs->inside_ethernet) {
        KernelFilter filter({}, {});
        filter.note_ = in_user_space("it is about what a tunnel carries");
        return filter;
    }
    KernelFilter filter(std::move(*programs->own), std::move(*programs->own_raw));
    if (const auto tried = filter.try_on_this_kernel(xdp); !tried)
        filter.note_ = in_user_space(tried.error().message);
    return filter;
}

Result<void> KernelFilter::try_on_this_kernel(bool xdp) const
{
    for (const HookKind &kind : hook_kinds) {
        if (kind.hook.xdp && !xdp)
            continue;
        const auto code = translate(kind.raw ? raw_ : ethernet_, kind.hook, std::nullopt);
        if (!code)
            return std::unexpected(code.error());
        if (const auto program = load_filter(*code, kind.hook, kind.name); !program)
            return std::unexpected(program.error());
    }
    return {};
}

Result<Hooks::Programs> KernelFilter::stand_before(const Hooks::Programs &mains, int cpus)
{
    Hooks::Programs programs;
    for (const HookKind &kind : hook_kinds) {
        const Attachment::Programs &of_main = kind.raw ? mains.raw : mains.ethernet;
        Attachment::Programs &of_filter = kind.raw ? programs.raw : programs.ethernet;
        const int main = of_main.*kind.program;
        if (main < 0)
            continue;
        auto next = map_with(main);
        if (!next)
            return std::unexpected(next.error());
        const Handover handover{.cpus = cpus,
                                .programs = next->get(),
                                .slot = 0,
                                .verdict_offset =
                                    static_cast<std::int16_t>(offsetof(tt_cpu, verdict))};
        const auto code = translate(kind.raw ? raw_ : ethernet_, kind.hook, handover);
        if (!code)
            return std::unexpected(code.error());
        auto program = load_filter(*code, kind.hook, kind.name);
        if (!program)
            return std::unexpected(program.error());
        of_filter.*kind.program = program->get();
        held_.push_back(std::move(*next));
        held_.push_back(std::move(*program));
    }
    return programs;
}

} // namespace tcptrace
