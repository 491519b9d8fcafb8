// SPDX-License-Identifier: Apache-2.0
#include "source/probe.h"

#include "source/kernel_symbols.h"
#include "source/netns.h"

#include <tcptrace/record.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

namespace tcptrace {

namespace {

// Newer than linux/capability.h may be.
constexpr unsigned capability_perfmon = 38;
constexpr unsigned capability_bpf = 39;

using Types = std::unique_ptr<btf, decltype(&btf__free)>; // the kernel's; may be empty

Types types_of_kernel()
{
    btf *types = btf__load_vmlinux_btf();
    return {libbpf_get_error(types) ? nullptr : types, btf__free};
}

bool has_type(const Types &types, const std::string &name, __u32 kind)
{
    return btf__find_by_name_kind(types.get(), name.c_str(), kind) > 0;
}

bool has_capability(unsigned capability)
{
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0)
        return false;
    return data[capability / 32].effective >> (capability % 32) & 1U;
}

bool older_than(const utsname &kernel, unsigned major, unsigned minor)
{
    unsigned here_major = 0;
    unsigned here_minor = 0;
    if (std::sscanf(kernel.release, "%u.%u", &here_major, &here_minor) != 2)
        return false;
    return here_major < major || (here_major == major && here_minor < minor);
}

Probe probe_kernel(const utsname &kernel)
{
    const std::string says = fmt::format("the kernel is {} on {}", kernel.release, kernel.machine);
    if (older_than(kernel, 5, 8))
        return {Ability::No, says, "tcptrace needs Linux 5.8 or newer"};
    return {Ability::Yes, says, {}};
}

Probe probe_privilege()
{
    std::vector<std::string_view> missing;
    if (!has_capability(CAP_NET_ADMIN))
        missing.emplace_back("CAP_NET_ADMIN");
    if (!has_capability(CAP_SYS_ADMIN)) {
        if (!has_capability(capability_bpf))
            missing.emplace_back("CAP_BPF");
        if (!has_capability(capability_perfmon))
            missing.emplace_back("CAP_PERFMON");
    }
    if (!missing.empty())
        return {
            Ability::No,
            fmt::format("to load and attach BPF programs there lacks {}", fmt::join(missing, ", ")),
            "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"};
    if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, nullptr) <= 0)
        return {Ability::No, "the kernel refuses BPF programs although the capabilities are there",
                "look for lockdown mode, seccomp, or a container runtime that forbids bpf(2)"};
    return {Ability::Yes, "BPF programs may be loaded and attached", {}};
}

Probe probe_btf(const Types &types)
{
    if (types)
        return {Ability::Yes, "the kernel describes its own types (BTF)", {}};
    return {Ability::No,
            "the kernel does not describe its types (no /sys/kernel/btf/vmlinux), so the programs "
            "cannot be fitted to it",
            "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, and mount sysfs"};
}

Probe probe_ring_buffer()
{
    const int found = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr);
    if (found > 0)
        return {Ability::Yes, "the kernel has the BPF ring buffer", {}};
    if (found == 0)
        return {Ability::No, "the kernel has no BPF ring buffer", "use Linux 5.8 or newer"};
    return {Ability::Limited,
            "whether the kernel has the BPF ring buffer cannot be asked without privilege",
            "run --doctor as root"};
}

Probe probe_tracepoints(const Types &types)
{
    std::vector<std::string_view> missing;
    for (const char *name : {"tcp_retransmit_skb", "tcp_retransmit_synack", "tcp_send_reset",
                             "tcp_receive_reset", "inet_sock_set_state", "kfree_skb"}) {
        if (!has_type(types, fmt::format("btf_trace_{}", name), BTF_KIND_TYPEDEF))
            missing.emplace_back(name);
    }
    if (missing.empty())
        return {Ability::Yes, "the stack's tracepoints of TCP are there", {}};
    return {Ability::No, fmt::format("tracepoints are missing: {}", fmt::join(missing, ", ")),
            "use a kernel built with CONFIG_INET and tracepoints"};
}

// The link to a TC hook that came with 6.6 shows in the kernel's own types.
Probe probe_tcx(const Types &types)
{
    if (has_type(types, "tcx_link", BTF_KIND_STRUCT))
        return {Ability::Yes, "programs are attached by TCX links, which end with tcptrace", {}};
    return {Ability::Limited,
            "the kernel has no TCX (before 6.6), so programs are attached as clsact filters, "
            "which a kill -9 leaves behind until the next start",
            {}};
}

Probe probe_xdp()
{
    if (libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, nullptr) > 0)
        return {Ability::Yes,
                "--hook xdp watches ingress before packets are merged (GRO), on devices whose "
                "driver lacks XDP at the cost of its generic mode",
                {}};
    return {Ability::Limited, "--hook xdp cannot be used here", "leave it at --hook tc"};
}

Probe probe_resets(const Types &types)
{
    if (has_type(types, "sk_rst_reason", BTF_KIND_ENUM))
        return {Ability::Yes, "the stack tells of all resets that it sends, with reasons", {}};
    return {Ability::Limited,
            "the stack of this kernel (before 6.10) does not tell of resets that it sends for "
            "closed ports",
            "depth notable sees them on the interface"};
}

Probe probe_drops(const Types &types)
{
    const bool functions = !KernelSymbols::read().empty();
    if (!functions)
        return {Ability::Limited,
                "the addresses of the kernel's functions are hidden, so drops are told without the "
                "function, and those without a reason not at all",
                "run as root, with sysctl kernel.kptr_restrict below 2"};
    if (has_type(types, "skb_drop_reason", BTF_KIND_ENUM))
        return {Ability::Yes, "dropped packets are told with reason and function", {}};
    return {Ability::Limited,
            "the kernel gives no reasons for drops (before 5.17): the function stands for one",
            {}};
}

// Before 5.11 the memory of maps counts as locked.
Probe probe_locked_memory()
{
    if (has_capability(CAP_SYS_RESOURCE))
        return {
            Ability::Yes, "the limit of locked memory, which maps count against, is lifted", {}};
    return {Ability::Limited, "maps count against the limit of locked memory (before 5.11)",
            "run as root, or with ulimit -l unlimited"};
}

Probe probe_namespace()
{
    if (in_initial_netns())
        return {Ability::Yes,
                "this is the machine's first network namespace: its interfaces are watched, and "
                "the stack's words of all namespaces are heard",
                {}};
    return {Ability::Limited,
            "this is not the machine's first network namespace, or that cannot be known: only "
            "what belongs to this one is told",
            "run on the node itself to see all, or name others by --netns and --pid"};
}

Probe filter_note()
{
    return {Ability::Limited,
            fmt::format("live, a filter is matched in user space, on the first {} bytes of "
                        "packets that an event is about: it limits what is told, not what is "
                        "looked at",
                        TT_HEAD_MAX),
            {}};
}

} // namespace

std::vector<Probe> probe_all()
{
    utsname kernel{};
    uname(&kernel);
    libbpf_set_print(nullptr);
    const Types types = types_of_kernel();

    std::vector<Probe> probes{probe_kernel(kernel), probe_privilege(), probe_btf(types),
                              probe_ring_buffer()};
    if (types) {
        probes.push_back(probe_tracepoints(types));
        probes.push_back(probe_tcx(types));
        probes.push_back(probe_resets(types));
        probes.push_back(probe_drops(types));
    }
    probes.push_back(probe_xdp());
    if (older_than(kernel, 5, 11))
        probes.push_back(probe_locked_memory());
    probes.push_back(probe_namespace());
    probes.push_back(filter_note());
    return probes;
}

} // namespace tcptrace
