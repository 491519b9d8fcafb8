// SPDX-License-Identifier: Apache-2.0
// Programs on one interface: on as long as an Attachment lives. By TCX links where the
// kernel has them (6.6), else by clsact filters of a priority and handle of our own; XDP
// by a link. Links end with the process; filters that a kill -9 left behind are removed by
// remove_leftovers(). Never touches what is not ours, and never removes a qdisc.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "source/interfaces.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tcptrace {

class Attachment {
public:
    // File descriptors of programs, -1 for none. xdp_ingress, where there is one, stands in
    // for tc_ingress.
    struct Programs {
        int tc_ingress = -1;
        int tc_egress = -1;
        int xdp_ingress = -1;
    };

    // `try_tcx`: false to use clsact although there is TCX (for tests).
    [[nodiscard]] static Result<Attachment> attach(const Interface &interface,
                                                   const Programs &programs, bool try_tcx);
    Attachment(Attachment &&) noexcept = default;
    Attachment &operator=(Attachment &&other) noexcept;
    ~Attachment();

    // What the user should know of how it was attached, a sentence; mostly empty.
    [[nodiscard]] const std::string &note() const { return note_; }

private:
    // A clsact filter that has to be taken off again.
    struct Filter {
        std::uint32_t ifindex = 0;
        bool egress = false;
        std::uint32_t program = 0; // its id: whether it is still ours
    };

    Attachment() = default;
    [[nodiscard]] Result<void> attach_tc(const Interface &interface, int program, bool egress,
                                         bool try_tcx);
    [[nodiscard]] Result<void> attach_filter(const Interface &interface, int program, bool egress);
    [[nodiscard]] Result<void> attach_xdp(const Interface &interface, int program);
    void detach();

    std::vector<UniqueFd> links_;
    std::vector<Filter> filters_;
    std::string note_;
};

// Why attach() failed: the interface went away in between, which is nothing to tell of.
[[nodiscard]] bool is_gone(const Interface &interface);

// Takes off the filters an earlier tcptrace left on this interface; returns how many.
int remove_leftovers(const Interface &interface);

} // namespace tcptrace
