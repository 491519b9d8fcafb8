// SPDX-License-Identifier: Apache-2.0
#include "source/load_filter.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::size_t log_bytes = 1U << 20;

// The verifier ends with a line of statistics; the one before says what it did not like.
std::string reason_in(std::string_view log)
{
    while (!log.empty() && log.back() == '\n')
        log.remove_suffix(1);
    std::string_view last = log.substr(log.rfind('\n') + 1);
    if (last.starts_with("processed ")) {
        log.remove_suffix(last.size());
        while (!log.empty() && log.back() == '\n')
            log.remove_suffix(1);
        last = log.substr(log.rfind('\n') + 1);
    }
    return std::string(last);
}

} // namespace

Result<UniqueFd> load_filter(std::span<const bpf_insn> code, const FilterHook &hook,
                             const char *name)
{
    const bpf_prog_type type = hook.xdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS;
    // What a tail call goes to must agree in this; libbpf gives XDP programs BPF_XDP.
    LIBBPF_OPTS(bpf_prog_load_opts, options,
                .expected_attach_type = hook.xdp ? BPF_XDP : static_cast<bpf_attach_type>(0));
    UniqueFd program(bpf_prog_load(type, name, "Dual BSD/GPL", code.data(), code.size(), &options));
    if (program)
        return program;

    const int error = errno;
    std::vector<char> log(log_bytes, '\0');
    options.log_buf = log.data();
    options.log_size = static_cast<__u32>(log.size());
    options.log_level = 1;
    program =
        UniqueFd(bpf_prog_load(type, name, "Dual BSD/GPL", code.data(), code.size(), &options));
    if (program)
        return program;
    const std::string reason = reason_in(log.data());
    return fail(Status::CannotRun,
                fmt::format("the kernel refuses it ({}{}{})", std::strerror(error),
                            reason.empty() ? "" : ": ", reason));
}

} // namespace tcptrace
