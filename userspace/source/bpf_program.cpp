// SPDX-License-Identifier: Apache-2.0
#include "source/bpf_program.h"

#include "core/percentiles.h"
#include "source/libbpf_log.h"
#include "source/quiet_drops.h"

#include <tcptrace/flow_set.h>
#include <tcptrace/kernel_memory.h>
#include <tcptrace/record.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <tcptrace.skel.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::uint32_t evidence_ring_unused_bytes = 1U << 12; // a page: the least there is

// Arguments of a tracepoint here: they became more from kernel to kernel. 0: no such one.
unsigned tracepoint_arguments(const btf *kernel, const char *name)
{
    const int id =
        btf__find_by_name_kind(kernel, fmt::format("btf_trace_{}", name).c_str(), BTF_KIND_TYPEDEF);
    const btf_type *type = id > 0 ? btf__type_by_id(kernel, static_cast<unsigned>(id)) : nullptr;
    while (type && (btf_is_typedef(type) || btf_is_ptr(type)))
        type = btf__type_by_id(kernel, type->type);
    // The first parameter is the tracepoint's own.
    return type && btf_is_func_proto(type) && btf_vlen(type) > 0 ? btf_vlen(type) - 1U : 0;
}

Error why_not_loaded(int error, const std::string &log)
{
    if (error == -EPERM || error == -EACCES)
        return {Status::CannotRun, "the kernel does not permit loading BPF programs",
                "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; tcptrace --doctor "
                "says what is missing"};
    if (error == -ENOMEM)
        return {Status::CannotRun, "the kernel has no memory for the BPF maps",
                "raise the limit of locked memory (ulimit -l), which kernels before 5.11 count"};
    return {Status::CannotRun,
            fmt::format("the kernel refuses the BPF programs: {}{}{}", std::strerror(-error),
                        log.empty() ? "" : "\n", log),
            "tcptrace --doctor says what this kernel has"};
}

bool has_section(const bpf_program *program, std::string_view prefix)
{
    return std::string_view(bpf_program__section_name(program)).starts_with(prefix);
}

} // namespace

struct BpfProgram::Loaded {
    tcptrace_bpf *skeleton = nullptr;
    std::vector<bpf_link *> links;
    bpf_link *sweep = nullptr;
    tt_quiet_drops quiet{};
    std::optional<DropNames> drop_names;
    std::string note;
    mutable std::vector<tt_cpu> cpus; // reused by each reading

    Loaded() = default;
    Loaded(const Loaded &) = delete;
    Loaded &operator=(const Loaded &) = delete;
    ~Loaded()
    {
        for (bpf_link *link : links)
            bpf_link__destroy(link);
        bpf_link__destroy(sweep);
        tcptrace_bpf::destroy(skeleton);
    }

    Result<void> fit(const tt_settings &settings, std::uint32_t ring_bytes);
    void fit_drops(btf *kernel);
    void choose_programs(const tt_settings &settings, bool xdp) const;
    Result<void> fill_quiet_drops();
    Result<void> open_sweep();
    const std::vector<tt_cpu> &read_cpus() const;
};

// Sets what is fixed at load: settings, sizes, and what differs between kernels.
Result<void> BpfProgram::Loaded::fit(const tt_settings &settings, std::uint32_t ring_bytes)
{
    btf *kernel = btf__load_vmlinux_btf();
    if (libbpf_get_error(kernel))
        return fail(Status::CannotRun,
                    "this kernel does not describe its types (no /sys/kernel/btf/vmlinux)",
                    "tcptrace needs Linux 5.8 or newer, built with CONFIG_DEBUG_INFO_BTF=y");
    const bool stack_only = settings.depth == TT_DEPTH_STACK;
    const std::uint32_t sets = stack_only ? 1 : TT_FLOWS_DEFAULT / TT_FLOW_PLACES;

    skeleton->rodata->settings = settings;
    skeleton->rodata->kernel.flow_sets_mask = sets - 1;
    skeleton->rodata->kernel.evidence_wake = ring_bytes / 4;
    skeleton->rodata->kernel.retransmit_skb_arguments =
        static_cast<tt_u8>(tracepoint_arguments(kernel, "tcp_retransmit_skb"));
    skeleton->rodata->kernel.send_reset_arguments =
        static_cast<tt_u8>(tracepoint_arguments(kernel, "tcp_send_reset"));
    fit_drops(kernel);
    btf__free(kernel);
    bpf_map__set_max_entries(skeleton->maps.flows, sets);
    const bool used = settings.evidence || settings.packets;
    bpf_map__set_max_entries(skeleton->maps.packets,
                             used ? ring_bytes : evidence_ring_unused_bytes);
    const auto all_cpus = static_cast<std::uint32_t>(libbpf_num_possible_cpus());
    if (settings.recorder)
        bpf_map__set_max_entries(skeleton->maps.recorder, settings.recorder * all_cpus);
    if (settings.packets)
        bpf_map__set_max_entries(skeleton->maps.packet_buffers, all_cpus);
    return {};
}

// Which drops are no fault, and what the others are called.
void BpfProgram::Loaded::fit_drops(btf *kernel)
{
    DropReasons reasons;
    KernelSymbols symbols = KernelSymbols::read();

    reasons.learn(kernel);
    skeleton->rodata->kernel.kfree_skb_arguments =
        static_cast<tt_u8>(tracepoint_arguments(kernel, "kfree_skb"));
    quiet = quiet_drops(reasons, symbols);
    if (symbols.empty())
        note = "addresses of the kernel's functions are hidden (sysctl kernel.kptr_restrict): "
               "drops without a reason are not told";
    drop_names.emplace(std::move(reasons), std::move(symbols));
}

// What is not used is not loaded: less to verify, less that a kernel could refuse.
void BpfProgram::Loaded::choose_programs(const tt_settings &settings, bool xdp) const
{
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj)
    {
        bool wanted = true;
        if (has_section(program, "tc") || has_section(program, "iter"))
            wanted = settings.depth != TT_DEPTH_STACK;
        else if (has_section(program, "xdp"))
            wanted = xdp && settings.depth != TT_DEPTH_STACK;
        bpf_program__set_autoload(program, wanted);
    }
}

Result<void> BpfProgram::Loaded::fill_quiet_drops()
{
    const std::uint32_t only = 0;
    if (bpf_map_update_elem(bpf_map__fd(skeleton->maps.quiet_drops), &only, &quiet, BPF_ANY) != 0)
        return fail(Status::CannotRun,
                    fmt::format("cannot fill a BPF map: {}", std::strerror(errno)));
    return {};
}

Result<void> BpfProgram::Loaded::open_sweep()
{
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj)
    {
        if (!has_section(program, "iter") || !bpf_program__autoload(program))
            continue;
        bpf_iter_link_info target{};
        target.map.map_fd = static_cast<__u32>(bpf_map__fd(skeleton->maps.flows));
        DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, opts);
        opts.link_info = &target;
        opts.link_info_len = sizeof target;
        sweep = bpf_program__attach_iter(program, &opts);
        if (!sweep)
            return fail(Status::CannotRun,
                        fmt::format("cannot walk the flow table: {}", std::strerror(errno)));
    }
    return {};
}

const std::vector<tt_cpu> &BpfProgram::Loaded::read_cpus() const
{
    const std::uint32_t only = 0;
    cpus.resize(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    if (bpf_map_lookup_elem(bpf_map__fd(skeleton->maps.cpus), &only, cpus.data()) != 0)
        cpus.clear();
    return cpus;
}

BpfProgram::BpfProgram(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
BpfProgram::BpfProgram(BpfProgram &&) noexcept = default;
BpfProgram::~BpfProgram() = default;

Result<BpfProgram> BpfProgram::load(const tt_settings &settings, bool xdp, std::uint32_t ring_bytes)
{
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_MEMLOCK, &unlimited); // before 5.11 maps count; if refused, load tells
    LibbpfLog log;
    auto loaded = std::make_unique<Loaded>();

    loaded->skeleton = tcptrace_bpf::open();
    if (!loaded->skeleton)
        return std::unexpected(why_not_loaded(-errno, log.tail()));
    if (auto fitted = loaded->fit(settings, ring_bytes); !fitted)
        return std::unexpected(fitted.error());
    loaded->choose_programs(settings, xdp);
    if (const int error = tcptrace_bpf::load(loaded->skeleton); error != 0)
        return std::unexpected(why_not_loaded(error, log.tail()));
    if (auto filled = loaded->fill_quiet_drops(); !filled)
        return std::unexpected(filled.error());
    if (auto opened = loaded->open_sweep(); !opened)
        return std::unexpected(opened.error());
    return BpfProgram(std::move(loaded));
}

Hooks::Programs BpfProgram::programs(bool xdp) const
{
    const auto &all = loaded_->skeleton->progs;
    Hooks::Programs programs{
        .ethernet = {.tc_ingress = bpf_program__fd(all.tcptrace_in),
                     .tc_egress = bpf_program__fd(all.tcptrace_out)},
        .raw = {.tc_ingress = bpf_program__fd(all.tcptrace_in_raw),
                .tc_egress = bpf_program__fd(all.tcptrace_outraw)},
    };
    if (xdp)
        programs.ethernet.xdp_ingress = bpf_program__fd(all.tcptrace_xdp);
    return programs;
}

Result<void> BpfProgram::attach_tracepoints()
{
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, loaded_->skeleton->obj)
    {
        if (!has_section(program, "tp_btf") || !bpf_program__autoload(program))
            continue;
        bpf_link *link = bpf_program__attach(program);
        if (!link)
            return fail(Status::CannotRun,
                        fmt::format("cannot attach to {}: {}", bpf_program__section_name(program),
                                    std::strerror(errno)));
        loaded_->links.push_back(link);
    }
    return {};
}

void BpfProgram::detach_tracepoints()
{
    for (bpf_link *link : std::exchange(loaded_->links, {}))
        bpf_link__destroy(link);
}

int BpfProgram::cpus_fd() const
{
    return bpf_map__fd(loaded_->skeleton->maps.cpus);
}

int BpfProgram::anomalies_fd() const
{
    return bpf_map__fd(loaded_->skeleton->maps.anomalies);
}

int BpfProgram::evidence_fd() const
{
    return bpf_map__fd(loaded_->skeleton->maps.packets);
}

int BpfProgram::recorder_fd() const
{
    return bpf_map__fd(loaded_->skeleton->maps.recorder);
}

std::size_t BpfProgram::recorder_places() const
{
    return loaded_->skeleton->rodata->settings.recorder == 0
               ? 0
               : bpf_map__max_entries(loaded_->skeleton->maps.recorder);
}

Result<void> BpfProgram::sweep()
{
    if (!loaded_->sweep)
        return {};
    tt_shared &shared = loaded_->skeleton->bss->shared;
    shared.sweep_watched_before = shared.watched;
    shared.sweep_watched = 0;
    shared.sweep_ended = 0;
    shared.sweep_told = 0;
    const UniqueFd walk(bpf_iter_create(bpf_link__fd(loaded_->sweep)));
    std::array<char, 64> nothing{}; // the program prints nothing; reading makes it run
    if (!walk)
        return fail(Status::CannotRun,
                    fmt::format("cannot walk the flow table: {}", std::strerror(errno)));
    while (read(walk.get(), nothing.data(), nothing.size()) > 0) {
    }
    return {};
}

// From 6.10 on also of those that it sends for no socket (then with a reason, too).
bool BpfProgram::tells_resets() const
{
    const auto *fixed = loaded_->skeleton->rodata;
    return fixed->kernel.send_reset_arguments >= 3;
}

DropNames &BpfProgram::drop_names()
{
    return *loaded_->drop_names;
}

std::string BpfProgram::note() const
{
    return loaded_->note;
}

bool BpfProgram::watching() const
{
    return loaded_->sweep && loaded_->skeleton->bss->shared.watched != 0;
}

tt_counters BpfProgram::counters() const
{
    // The counters are one run of numbers: added as such.
    constexpr std::size_t numbers = sizeof(tt_counters) / sizeof(tt_u64);
    std::array<tt_u64, numbers> sum{};
    for (const tt_cpu &cpu : loaded_->read_cpus()) {
        std::array<tt_u64, numbers> each{};
        std::memcpy(each.data(), &cpu.counters, sizeof cpu.counters);
        for (std::size_t i = 0; i < numbers; i++)
            sum[i] += each[i];
    }
    tt_counters counters{};
    std::memcpy(&counters, sum.data(), sizeof counters);
    return counters;
}

std::optional<Percentiles> BpfProgram::handshake() const
{
    std::array<std::uint64_t, TT_HISTOGRAM_BUCKETS> sum{};
    for (const tt_cpu &cpu : loaded_->read_cpus()) {
        for (std::size_t i = 0; i < sum.size(); i++)
            sum[i] += cpu.handshake[i];
    }
    return percentiles(sum);
}

} // namespace tcptrace
