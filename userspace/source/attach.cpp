// SPDX-License-Identifier: Apache-2.0
#include "source/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/if_link.h>
#include <net/if.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace tcptrace {

namespace {

// "tc" in ASCII: far behind any priority that others choose, and nobody's else.
constexpr std::uint32_t our_place = 0x7463;
constexpr std::string_view our_names = "tcptrace_";

// linux/bpf.h of 6.6 has these; Debian 12's is of 6.1.
constexpr auto tcx_ingress = static_cast<bpf_attach_type>(46); // BPF_TCX_INGRESS
constexpr auto tcx_egress = static_cast<bpf_attach_type>(47);  // BPF_TCX_EGRESS
constexpr __u32 before_others = 1U << 3;                       // BPF_F_BEFORE

bpf_tc_hook hook_of(std::uint32_t ifindex, bool egress)
{
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = static_cast<int>(ifindex),
                .attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS);
    return hook;
}

bpf_tc_opts place()
{
    LIBBPF_OPTS(bpf_tc_opts, opts, .handle = our_place, .priority = our_place);
    return opts;
}

// Id of the program at our place, 0 if there is none.
std::uint32_t program_at_place(const bpf_tc_hook &hook)
{
    bpf_tc_opts opts = place();
    return bpf_tc_query(&hook, &opts) == 0 ? opts.prog_id : 0;
}

// All zero if there is no such program.
bpf_prog_info info_of(int program)
{
    bpf_prog_info info{};
    __u32 length = sizeof info;
    bpf_prog_get_info_by_fd(program, &info, &length);
    return info;
}

// Whoever chose our priority and handle by accident does not have our names too.
bool is_ours(std::uint32_t id)
{
    const UniqueFd fd(bpf_prog_get_fd_by_id(id));
    return fd && std::string_view(info_of(fd.get()).name).starts_with(our_names);
}

Error cannot_attach(const Interface &interface, std::string_view what, int error)
{
    return {
        Status::CannotRun,
        fmt::format("cannot attach to {} of {}: {}", what, interface.name, std::strerror(error)),
        error == EPERM ? "run as root" : ""};
}

} // namespace

Result<Attachment> Attachment::attach(const Interface &interface, const Programs &programs,
                                      bool try_tcx)
{
    Attachment attachment;
    auto done = programs.xdp_ingress >= 0
                    ? attachment.attach_xdp(interface, programs.xdp_ingress)
                    : attachment.attach_tc(interface, programs.tc_ingress, false, try_tcx);
    if (done)
        done = attachment.attach_tc(interface, programs.tc_egress, true, try_tcx);
    if (!done)
        return std::unexpected(done.error());
    return attachment;
}

// Before others, since a program that returns TC_ACT_OK ends the chain.
Result<void> Attachment::attach_tc(const Interface &interface, int program, bool egress,
                                   bool try_tcx)
{
    if (program < 0)
        return {};
    LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = before_others);
    const bpf_attach_type type = egress ? tcx_egress : tcx_ingress;
    UniqueFd link(try_tcx ? bpf_link_create(program, static_cast<int>(interface.index), type, &opts)
                          : -1);
    if (link) {
        links_.push_back(std::move(link));
        return {};
    }
    if (try_tcx && errno == ENODEV)
        return std::unexpected(cannot_attach(interface, "TC", ENODEV));
    return attach_filter(interface, program, egress);
}

Result<void> Attachment::attach_filter(const Interface &interface, int program, bool egress)
{
    bpf_tc_hook hook = hook_of(interface.index, egress);
    if (const int error = bpf_tc_hook_create(&hook); error != 0 && error != -EEXIST)
        return std::unexpected(cannot_attach(interface, "TC (clsact)", -error));

    bpf_tc_opts opts = place();
    opts.prog_fd = program;
    if (const std::uint32_t there = program_at_place(hook); there != 0) {
        if (!is_ours(there))
            return fail(Status::CannotRun,
                        fmt::format("another program holds TC priority {} of {}", our_place,
                                    interface.name),
                        "`tc filter show` names it");
        opts.flags = BPF_TC_F_REPLACE;
    }
    if (const int error = bpf_tc_attach(&hook, &opts); error != 0)
        return std::unexpected(cannot_attach(interface, "TC (clsact)", -error));
    filters_.push_back({interface.index, egress, info_of(program).id});
    return {};
}

// In the driver if it can, else behind it: slower, but it sees the same frames.
Result<void> Attachment::attach_xdp(const Interface &interface, int program)
{
    for (const __u32 mode : {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE}) {
        LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = mode);
        UniqueFd link(bpf_link_create(program, static_cast<int>(interface.index), BPF_XDP, &opts));
        if (link) {
            links_.push_back(std::move(link));
            if (mode == XDP_FLAGS_SKB_MODE)
                note_ = fmt::format("the driver of {} refuses XDP: it runs behind it, slower",
                                    interface.name);
            return {};
        }
        if (errno == EBUSY || errno == EEXIST)
            return fail(Status::CannotRun,
                        fmt::format("another program is at the XDP hook of {}", interface.name),
                        "use --hook tc");
    }
    return std::unexpected(cannot_attach(interface, "XDP", errno));
}

void Attachment::detach()
{
    for (const Filter &filter : filters_) {
        const bpf_tc_hook hook = hook_of(filter.ifindex, filter.egress);
        if (program_at_place(hook) != filter.program)
            continue; // another tcptrace has taken the place, or the interface is gone
        const bpf_tc_opts opts = place();
        bpf_tc_detach(&hook, &opts);
    }
    filters_.clear();
    links_.clear();
}

Attachment &Attachment::operator=(Attachment &&other) noexcept
{
    if (this != &other) {
        detach();
        links_ = std::move(other.links_);
        filters_ = std::move(other.filters_);
        note_ = std::move(other.note_);
    }
    return *this;
}

Attachment::~Attachment()
{
    detach();
}

bool is_gone(const Interface &interface)
{
    std::array<char, IF_NAMESIZE> name{};
    return if_indextoname(interface.index, name.data()) == nullptr;
}

int remove_leftovers(const Interface &interface)
{
    int removed = 0;
    for (const bool egress : {false, true}) {
        const bpf_tc_hook hook = hook_of(interface.index, egress);
        const std::uint32_t there = program_at_place(hook);
        if (there == 0 || !is_ours(there))
            continue;
        const bpf_tc_opts opts = place();
        removed += bpf_tc_detach(&hook, &opts) == 0;
    }
    return removed;
}

} // namespace tcptrace
