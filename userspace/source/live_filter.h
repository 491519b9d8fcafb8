// SPDX-License-Identifier: Apache-2.0
// The user's filter on live traffic: at the hooks on interfaces in the kernel, if it can run
// there; in user space for all else.
#pragma once

#include "core/observation.h"
#include "core/result.h"
#include "filter/packet_filter.h"
#include "source/kernel_filter.h"

#include <optional>
#include <string>

namespace tcptrace {

class LiveFilter {
public:
    struct Where {
        bool hooks = true; // are there programs on interfaces at all?
        bool xdp = false;
    };

    // An empty expression lets everything through.
    [[nodiscard]] static Result<LiveFilter> compile(const std::string &expression, Inner inner,
                                                    const Where &where);

    [[nodiscard]] bool runs_in_kernel() const { return kernel_ && kernel_->runs(); }
    // A sentence for the user; mostly empty.
    [[nodiscard]] std::string note() const { return kernel_ ? kernel_->note() : std::string{}; }
    // What to attach in the place of `mains`: these, if nothing runs in the kernel.
    [[nodiscard]] Result<Hooks::Programs> stand_before(const Hooks::Programs &mains, int cpus);
    [[nodiscard]] bool lets_through(const Observation &observation) const;

private:
    std::optional<KernelFilter> kernel_;
    std::optional<PacketFilter> user_;
};

} // namespace tcptrace
