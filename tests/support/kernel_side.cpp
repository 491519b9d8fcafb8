// SPDX-License-Identifier: Apache-2.0
#include "support/kernel_side.h"

#include "source/quiet_drops.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <tcptrace.skel.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace tcptrace::test {

namespace {

std::string libbpf_said;

int remember(libbpf_print_level level, const char *format, va_list arguments)
{
    if (level == LIBBPF_DEBUG)
        return 0;
    std::vector<char> line(1U << 24); // a verifier's log comes in one piece
    std::vsnprintf(line.data(), line.size(), format, arguments);
    libbpf_said += line.data();
    return 0;
}

std::string end_of_log()
{
    constexpr std::size_t enough = 4000;
    const std::size_t size = libbpf_said.size();
    return size > enough ? libbpf_said.substr(size - enough) : libbpf_said;
}

unsigned arguments_of(const btf *kernel, const std::string &tracepoint)
{
    const int id =
        btf__find_by_name_kind(kernel, ("btf_trace_" + tracepoint).c_str(), BTF_KIND_TYPEDEF);
    if (id < 0)
        return 0;
    const btf_type *type = btf__type_by_id(kernel, static_cast<unsigned>(id));
    while (btf_is_typedef(type) || btf_is_ptr(type))
        type = btf__type_by_id(kernel, type->type);
    return btf_vlen(type) - 1U;
}

// Read once: there are 100,000 symbols, and many tests.
const KernelSymbols &symbols()
{
    static const KernelSymbols all = KernelSymbols::read();
    return all;
}

tt_quiet_drops usual_drops(btf *kernel)
{
    static const tt_quiet_drops usual = [&] {
        DropReasons reasons;
        reasons.learn(kernel);
        return quiet_drops(reasons, symbols());
    }();
    return usual;
}

} // namespace

std::optional<std::string> why_no_bpf()
{
    if (geteuid() != 0)
        return "loading BPF programs takes root";
    if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
        return "this kernel has no BTF";
    if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr) <= 0)
        return "this kernel, or this container, gives no BPF ring buffer";
    return std::nullopt;
}

tt_settings test_settings()
{
    tt_settings settings{};
    settings.syn_limit_ns = TT_SYN_LIMIT_DEFAULT_NS;
    settings.seed = 0x7463707472616365;
    settings.netns = 4711;
    settings.sweep_budget = 1000;
    settings.depth = TT_DEPTH_SEQUENCE;
    settings.evidence = 1;
    settings.packet_clock = 1;
    return settings;
}

struct KernelSide::Rings {
    struct Ring {
        std::vector<Heard> *heard;
        bool evidence;
    };
    Ring anomalies;
    Ring evidence;
    ring_buffer *reader = nullptr;

    Rings(std::vector<Heard> &heard, int anomalies_fd, int evidence_fd)
        : anomalies{&heard, false}, evidence{&heard, true}
    {
        reader = ring_buffer__new(anomalies_fd, take, &anomalies, nullptr);
        if (!reader || ring_buffer__add(reader, evidence_fd, take, &evidence) != 0)
            throw std::runtime_error("cannot read the ring buffers");
    }
    Rings(const Rings &) = delete;
    Rings &operator=(const Rings &) = delete;
    ~Rings() { ring_buffer__free(reader); }

    static int take(void *context, void *data, std::size_t size)
    {
        const auto *ring = static_cast<Ring *>(context);
        if (size != sizeof(tt_record))
            throw std::runtime_error("a record of a strange size");
        Heard &heard = ring->heard->emplace_back();
        std::memcpy(&heard.record, data, size);
        heard.evidence = ring->evidence;
        return 0;
    }
};

KernelSide::KernelSide(const tt_settings &settings, std::uint32_t flows)
    : skeleton_(nullptr), sets_(flows / TT_FLOW_PLACES)
{
    libbpf_said.clear();
    libbpf_set_print(remember);
    skeleton_ = tcptrace_bpf::open();
    btf *kernel = btf__load_vmlinux_btf();
    if (!skeleton_ || libbpf_get_error(kernel))
        throw std::runtime_error("cannot open the BPF object: " + end_of_log());
    skeleton_->rodata->settings = settings;
    skeleton_->rodata->kernel.flow_sets_mask = sets_ - 1;
    skeleton_->rodata->kernel.evidence_wake = 1U << 18;
    skeleton_->rodata->kernel.retransmit_skb_arguments =
        static_cast<tt_u8>(arguments_of(kernel, "tcp_retransmit_skb"));
    skeleton_->rodata->kernel.send_reset_arguments =
        static_cast<tt_u8>(arguments_of(kernel, "tcp_send_reset"));
    skeleton_->rodata->kernel.kfree_skb_arguments =
        static_cast<tt_u8>(arguments_of(kernel, "kfree_skb"));
    const tt_quiet_drops quiet = usual_drops(kernel);
    btf__free(kernel);
    bpf_map__set_max_entries(skeleton_->maps.flows, sets_);
    bpf_map__set_max_entries(skeleton_->maps.packets, 1U << 20);
    if (tcptrace_bpf::load(skeleton_) != 0)
        throw std::runtime_error("the kernel refuses the BPF programs: " + end_of_log());
    const tt_u32 only = 0;
    bpf_map_update_elem(bpf_map__fd(skeleton_->maps.quiet_drops), &only, &quiet, BPF_ANY);
    rings_ = std::make_unique<Rings>(heard_, bpf_map__fd(skeleton_->maps.anomalies),
                                     bpf_map__fd(skeleton_->maps.packets));
}

KernelSide::~KernelSide()
{
    for (bpf_link *link : links_)
        bpf_link__destroy(link);
    rings_.reset();
    tcptrace_bpf::destroy(skeleton_);
}

int KernelSide::program(const Sight &sight) const
{
    const auto &programs = skeleton_->progs;
    const bool raw = sight.link == TT_LINK_RAW;
    if (sight.hook == TT_HOOK_XDP)
        return bpf_program__fd(programs.tcptrace_xdp);
    if (sight.hook == TT_HOOK_TC_EGRESS)
        return bpf_program__fd(raw ? programs.tcptrace_outraw : programs.tcptrace_out);
    return bpf_program__fd(raw ? programs.tcptrace_in_raw : programs.tcptrace_in);
}

const std::vector<Heard> &KernelSide::see(const Sight &sight)
{
    run(sight, 1);
    return hear();
}

const std::vector<Heard> &KernelSide::see_many(const Sight &sight, unsigned times)
{
    run(sight, times);
    return hear();
}

void KernelSide::run(const Sight &sight, unsigned times)
{
    __sk_buff context{};
    DECLARE_LIBBPF_OPTS(bpf_test_run_opts, options);
    const bool xdp = sight.hook == TT_HOOK_XDP;

    context.ifindex = sight.ifindex;
    options.data_in = sight.frame.data();
    options.data_size_in = static_cast<__u32>(sight.frame.size());
    options.repeat = static_cast<int>(times);
    if (!xdp) {
        options.ctx_in = &context;
        options.ctx_size_in = sizeof context;
    }
    shared().test_clock_ns = sight.now_ns;
    if (const int error = bpf_prog_test_run_opts(program(sight), &options); error != 0)
        throw std::runtime_error(std::string("BPF_PROG_TEST_RUN: ") + std::strerror(-error));
    if (const int verdict = static_cast<int>(options.retval);
        verdict != (xdp ? static_cast<int>(XDP_PASS) : -1))
        throw std::runtime_error("a program meddles with a packet's fate");
}

const std::vector<Heard> &KernelSide::sweep(std::uint64_t now_ns)
{
    bpf_iter_link_info target{};
    DECLARE_LIBBPF_OPTS(bpf_iter_attach_opts, options);
    char nothing[16];

    target.map.map_fd = static_cast<__u32>(bpf_map__fd(skeleton_->maps.flows));
    options.link_info = &target;
    options.link_info_len = sizeof target;
    tt_shared &memory = shared();
    memory.test_clock_ns = now_ns;
    memory.sweep_watched_before = memory.watched;
    memory.sweep_watched = memory.sweep_ended = memory.sweep_told = 0;
    bpf_link *link = bpf_program__attach_iter(skeleton_->progs.tcptrace_sweep, &options);
    if (!link)
        throw std::runtime_error("cannot attach the sweep");
    const int walk = bpf_iter_create(bpf_link__fd(link));
    const ssize_t got = walk < 0 ? -1 : read(walk, nothing, sizeof nothing);
    if (walk >= 0)
        close(walk);
    bpf_link__destroy(link);
    if (got != 0)
        throw std::runtime_error("cannot walk the flow table");
    return hear();
}

const std::vector<Heard> &KernelSide::hear()
{
    heard_.clear();
    ring_buffer__consume(rings_->reader);
    return heard_;
}

void KernelSide::forget_flows()
{
    const tt_flow_set empty{};
    for (tt_u32 i = 0; i < sets_; i++)
        bpf_map_update_elem(bpf_map__fd(skeleton_->maps.flows), &i, &empty, BPF_ANY);
    shared().watched = 0;
}

void KernelSide::attach_tracepoints()
{
    bpf_program *program = nullptr;
    bpf_object__for_each_program(program, skeleton_->obj)
    {
        if (!std::string_view(bpf_program__section_name(program)).starts_with("tp_btf"))
            continue;
        bpf_link *link = bpf_program__attach(program);
        if (!link)
            throw std::runtime_error(std::string("cannot attach ") + bpf_program__name(program) +
                                     ": " + std::strerror(errno));
        links_.push_back(link);
    }
}

bool KernelSide::passes_reset_reason() const
{
    return skeleton_->rodata->kernel.send_reset_arguments >= 3;
}

DropName KernelSide::name_of(const tt_drop_view &drop)
{
    static DropNames names = [] {
        DropReasons reasons;
        btf *kernel = btf__load_vmlinux_btf();
        reasons.learn(kernel);
        btf__free(kernel);
        return DropNames(std::move(reasons), symbols());
    }();
    return names.of(drop);
}

tt_shared &KernelSide::shared()
{
    return skeleton_->bss->shared;
}

tt_counters KernelSide::counters() const
{
    std::vector<tt_cpu> cpus(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    const tt_u32 only = 0;
    tt_counters sum{};

    bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.cpus), &only, cpus.data());
    for (const tt_cpu &cpu : cpus) {
#define TT_ADD(name, text) sum.name += cpu.counters.name;
        TT_COUNTERS(TT_ADD)
#undef TT_ADD
    }
    return sum;
}

std::vector<std::uint64_t> KernelSide::handshakes() const
{
    std::vector<tt_cpu> cpus(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    std::vector<std::uint64_t> sum(TT_HISTOGRAM_BUCKETS);
    const tt_u32 only = 0;

    bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.cpus), &only, cpus.data());
    for (const tt_cpu &cpu : cpus)
        std::transform(sum.begin(), sum.end(), std::begin(cpu.handshake), sum.begin(),
                       std::plus<>());
    return sum;
}

std::vector<tt_flow_set> KernelSide::flow_sets() const
{
    std::vector<tt_flow_set> sets(sets_);
    for (tt_u32 i = 0; i < sets_; i++)
        bpf_map_lookup_elem(bpf_map__fd(skeleton_->maps.flows), &i, &sets[i]);
    return sets;
}

} // namespace tcptrace::test
