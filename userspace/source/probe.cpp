// SPDX-License-Identifier: Apache-2.0
#include "source/probe.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace tcptrace {

namespace {

constexpr unsigned capability_net_admin = 12;
constexpr unsigned capability_sys_admin = 21;
constexpr unsigned capability_perfmon = 38;
constexpr unsigned capability_bpf = 39;

bool has_capability(unsigned capability)
{
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    if (syscall(SYS_capget, &header, data.data()) != 0)
        return false;
    return data[capability / 32].effective >> (capability % 32) & 1U;
}

Probe probe_kernel()
{
    utsname name{};
    uname(&name);
    return {Ability::Yes, fmt::format("the kernel is {} on {}", name.release, name.machine), {}};
}

Probe probe_privilege()
{
    if (has_capability(capability_net_admin) &&
        (has_capability(capability_sys_admin) ||
         (has_capability(capability_bpf) && has_capability(capability_perfmon))))
        return {Ability::Yes, "the privileges suffice to load and attach BPF programs", {}};
    return {Ability::No, "the privileges do not suffice to load and attach BPF programs",
            "run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN"};
}

Probe probe_btf()
{
    if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
        return {Ability::Yes, "the kernel describes its own types (BTF)", {}};
    return {Ability::No, "/sys/kernel/btf/vmlinux cannot be read, so the programs cannot be fitted "
                         "to this kernel",
            "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, 5.8 or newer, and mount sysfs"};
}

Probe probe_ring_buffer()
{
    const int found = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, nullptr);
    if (found > 0)
        return {Ability::Yes, "the kernel has the BPF ring buffer", {}};
    if (found == 0)
        return {Ability::No, "the kernel has no BPF ring buffer", "use Linux 5.8 or newer"};
    return {Ability::Limited, "whether the kernel has the BPF ring buffer cannot be asked without "
                              "privilege",
            "run --doctor as root"};
}

// The link to a TC hook that came with 6.6 shows in the kernel's own types.
Probe probe_tcx(const btf *kernel)
{
    if (kernel && btf__find_by_name_kind(kernel, "tcx_link", BTF_KIND_STRUCT) > 0)
        return {Ability::Yes, "programs are attached by TCX links, which end with tcptrace", {}};
    return {Ability::Limited, "the kernel has no TCX (before 6.6): programs are attached as clsact "
                              "filters, which a kill -9 leaves behind until the next start",
            {}};
}

Probe probe_reset_tracepoint(const btf *kernel)
{
    if (kernel && btf__find_by_name_kind(kernel, "sk_rst_reason", BTF_KIND_ENUM) > 0)
        return {Ability::Yes, "the stack tells of all resets it sends, with reasons", {}};
    return {Ability::Limited, "the stack of this kernel (before 6.10) does not tell of resets it "
                              "sends for closed ports",
            "depth notable sees them on the interface"};
}

} // namespace

std::vector<Probe> probe_all()
{
    std::vector<Probe> probes{probe_kernel(), probe_privilege(), probe_btf(),
                              probe_ring_buffer()};
    libbpf_set_print(nullptr);
    btf *kernel = btf__load_vmlinux_btf();
    if (!libbpf_get_error(kernel)) {
        probes.push_back(probe_tcx(kernel));
        probes.push_back(probe_reset_tracepoint(kernel));
        btf__free(kernel);
    }
    probes.push_back({Ability::Limited,
                      "live, a filter is matched in user space, on the first 256 bytes of packets "
                      "that an event is about; it limits what is told, not what is looked at",
                      {}});
    return probes;
}

} // namespace tcptrace
