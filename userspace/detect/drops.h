// SPDX-License-Identifier: Apache-2.0
// What a drop means to a connection, by the kernel's reason and the function it happened in
// (include/net/dropreason-core.h; where the reason is NOT_SPECIFIED, the function decides).
// In words: drop_words.h.
#pragma once

#include "flow/flow.h"

#include <cstdint>
#include <functional>

namespace tcptrace {

enum class DropKind : std::uint8_t {
    Filter,      // netfilter, tc, XDP, a cgroup's or a socket's program
    NoRoute,     // or one that says blackhole, unreachable, prohibit
    Neighbour,   // the next hop did not answer ARP or neighbour discovery
    ReversePath, // rp_filter
    TooBig,      // for the MTU of the link
    NoRoom,      // in the receiving socket
    AcceptQueue,
    Other,
};

[[nodiscard]] DropKind kind_of(const DropSeen &drop);

// The one that counts most among those that `is` is true of and that healthy connections do
// not show; NULL: none. Netfilter's and other plain refusals come before what is only odd.
[[nodiscard]] const DropSeen *worst_drop(const Flow &flow,
                                         const std::function<bool(const DropSeen &)> &is);

// What this machine knows of the namespace it happened in; NULL: nothing.
[[nodiscard]] const EndFacts *facts_of_netns(const Flow &flow, std::uint32_t netns);
// Netfilter's doing; before 5.17 the function says so.
[[nodiscard]] bool is_by_netfilter(const DropSeen &drop);
[[nodiscard]] bool is_by_xdp(const DropSeen &drop);
} // namespace tcptrace
