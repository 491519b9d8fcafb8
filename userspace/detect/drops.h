// SPDX-License-Identifier: Apache-2.0
// What a drop means to a connection, by the kernel's reason and the function it happened in
// (include/net/dropreason-core.h; where the reason is NOT_SPECIFIED, the function decides).
#pragma once

#include "core/diagnosis.h"
#include "flow/flow.h"

#include <cstdint>
#include <functional>
#include <string>

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
// The connection's rule, if it is known and of the namespace of this drop.
[[nodiscard]] const FirewallRule *rule_of(const Flow &flow, const DropSeen &drop);
// Netfilter's doing; before 5.17 the function says so.
[[nodiscard]] bool is_by_netfilter(const DropSeen &drop);
// Makes it the drop that explains the fault.
void tell_drop(const Flow &flow, const DropSeen &drop, Diagnosis &diagnosis);
// "on this node: NETFILTER_DROP in nft_do_chain, hook forward, on veth1; rule ..."
[[nodiscard]] std::string where_words(const Flow &flow, const DropSeen &drop);
// What lists the rule, or the programs, that it can have been.
[[nodiscard]] std::string filter_advice(const Flow &flow, const DropSeen &drop);

} // namespace tcptrace
