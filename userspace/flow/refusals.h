// SPDX-License-Identifier: Apache-2.0
// One refusal seen under two names. Conntrack forgets a connection at once when its SYN is
// answered by a reset, so nobody can be asked for the other name; but the reset acknowledges
// the SYN's random number (RFC 9293 §3.5.2), which no NAT of Linux changes. Scanners use one
// number many times: two refusals that one interface shows are two.
#pragma once

#include "core/flow_key.h"
#include "core/observation.h"
#include "flow/other_names.h"

#include <deque>
#include <optional>

namespace tcptrace {

class Refusals {
public:
    // Remembers the refusal, if it is one; tells of its other name if it was seen under one.
    // The later name is the client's: the reset is on its way to it.
    [[nodiscard]] std::optional<OtherName> match(const Observation &observation);

private:
    static constexpr std::size_t kept_max = 256;
    static constexpr std::uint64_t on_its_way_ns = 100 * TT_NSEC_PER_MSEC; // through this machine

    struct Refusal {
        std::uint32_t acknowledgment = 0;
        std::uint64_t time_ns = 0;
        std::uint32_t ifindex = 0; // 0: the stack told of it
        Connection connection;
    };
    std::deque<Refusal> kept_;
};

} // namespace tcptrace
