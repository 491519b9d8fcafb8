// SPDX-License-Identifier: Apache-2.0
// The BPF programs, loaded for a test and shown frames one by one by BPF_PROG_TEST_RUN,
// on a clock the test sets. Attached to nothing unless the test asks for the tracepoints.
#pragma once

#include "source/drop_names.h"

#include <tcptrace/flow_set.h>
#include <tcptrace/kernel_memory.h>
#include <tcptrace/record.h>
#include <tcptrace/settings.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct bpf_link;
struct tcptrace_bpf;

namespace tcptrace::test {

// Why BPF programs cannot be loaded here, if so.
[[nodiscard]] std::optional<std::string> why_no_bpf();

// A frame at a hook.
struct Sight {
    std::span<const std::uint8_t> frame{};
    tt_hook hook = TT_HOOK_TC_INGRESS; // TC_INGRESS, TC_EGRESS or XDP
    tt_link link = TT_LINK_ETHERNET;   // or RAW, at TC
    std::uint32_t ifindex = 1;         // must exist here; XDP sees everything on 1
    std::uint64_t now_ns = 1;

    [[nodiscard]] tt_way way() const { return hook == TT_HOOK_TC_EGRESS ? TT_OUT : TT_IN; }
};

struct Heard {
    tt_record record;
    bool evidence = false; // it came by the ring for packets that are no anomaly
};

// Depth sequence, nothing damped, evidence told, the test's clock.
[[nodiscard]] tt_settings test_settings();

class KernelSide {
public:
    // Throws std::runtime_error with the end of the verifier's log.
    explicit KernelSide(const tt_settings &settings, std::uint32_t flows = TT_FLOWS_DEFAULT);
    KernelSide(const KernelSide &) = delete;
    KernelSide &operator=(const KernelSide &) = delete;
    ~KernelSide();

    // What was told of it. Valid until the next call of see(), sweep() or hear().
    const std::vector<Heard> &see(const Sight &sight);
    // The same again and again, before anything is read from the rings.
    const std::vector<Heard> &see_many(const Sight &sight, unsigned times);
    const std::vector<Heard> &sweep(std::uint64_t now_ns);
    const std::vector<Heard> &hear(); // what has come since
    void attach_tracepoints();
    void forget_flows();

    [[nodiscard]] bool passes_reset_reason() const; // this kernel's tcp_send_reset, from 6.10
    [[nodiscard]] tt_shared &shared();
    // Valid until the next call.
    [[nodiscard]] static DropName name_of(const tt_drop_view &drop);
    [[nodiscard]] tt_counters counters() const;
    [[nodiscard]] std::vector<std::uint64_t> handshakes() const;
    [[nodiscard]] std::vector<tt_flow_set> flow_sets() const;

private:
    struct Rings;
    void run(const Sight &sight, unsigned times);
    [[nodiscard]] int program(const Sight &sight) const;

    tcptrace_bpf *skeleton_ = nullptr;
    std::uint32_t sets_ = 0;
    std::unique_ptr<Rings> rings_;
    std::vector<bpf_link *> links_;
    std::vector<Heard> heard_;
};

} // namespace tcptrace::test
