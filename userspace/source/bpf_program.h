// SPDX-License-Identifier: Apache-2.0
// The BPF programs, loaded: fitted to this kernel, sized, and readable from here. Which
// interfaces they are on is hooks.h; the tracepoints are attached here.
#pragma once

#include "core/result.h"
#include "core/summary.h"
#include "source/drop_names.h"
#include "source/hooks.h"

#include <tcptrace/settings.h>

#include <memory>
#include <optional>
#include <string>

struct tcptrace_bpf; // the skeleton

namespace tcptrace {

class BpfProgram {
public:
    // Loads; attaches nothing. Errors name what is missing: privilege, BTF, a kernel that
    // is too old, with the end of the verifier's log if that refused.
    // `ring_bytes`: of the ring for evidence and packets; a power of two.
    [[nodiscard]] static Result<BpfProgram> load(const tt_settings &settings, bool xdp,
                                                 std::uint32_t ring_bytes);
    BpfProgram(BpfProgram &&) noexcept;
    ~BpfProgram();

    [[nodiscard]] Hooks::Programs programs(bool xdp) const;
    [[nodiscard]] Result<void> attach_tracepoints();
    void detach_tracepoints();
    [[nodiscard]] int cpus_fd() const;
    [[nodiscard]] int anomalies_fd() const;
    [[nodiscard]] int evidence_fd() const;
    [[nodiscard]] int recorder_fd() const;
    [[nodiscard]] std::size_t recorder_places() const; // of all CPUs; 0: it is off
    // Walks the flow table once, for what did not come.
    [[nodiscard]] Result<void> sweep();
    // The tracepoints tell of each reset that this machine's TCP sends.
    [[nodiscard]] bool tells_resets() const;
    // Is any flow waited for? If not, a sweep has nothing to find.
    [[nodiscard]] bool watching() const;
    [[nodiscard]] tt_counters counters() const;
    [[nodiscard]] std::optional<Percentiles> handshake() const;
    [[nodiscard]] DropNames &drop_names();
    // What of it this kernel, or this process' rights, do not give; empty: nothing.
    [[nodiscard]] std::string note() const;

private:
    struct Loaded;
    explicit BpfProgram(std::unique_ptr<Loaded> loaded);
    std::unique_ptr<Loaded> loaded_;
};

} // namespace tcptrace
