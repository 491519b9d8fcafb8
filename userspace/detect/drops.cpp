// SPDX-License-Identifier: Apache-2.0
#include "detect/drops.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tcptrace {

namespace {

struct Meaning {
    std::string_view word; // the reason, or the function where the reason says nothing
    DropKind kind;
};

constexpr std::array by_reason{
    Meaning{"NETFILTER_DROP", DropKind::Filter},
    Meaning{"NETFILTER_INGRESS", DropKind::Filter},
    Meaning{"TC_INGRESS", DropKind::Filter},
    Meaning{"TC_EGRESS", DropKind::Filter},
    Meaning{"XDP", DropKind::Filter},
    Meaning{"BPF_CGROUP_EGRESS", DropKind::Filter},
    Meaning{"SOCKET_FILTER", DropKind::Filter},
    Meaning{"IP_INNOROUTES", DropKind::NoRoute},
    Meaning{"IP_OUTNOROUTES", DropKind::NoRoute},
    // Of IPv4: no route to take for who does not forward (ip_route_input_slow()).
    Meaning{"IP_INADDRERRORS", DropKind::NoRoute},
    Meaning{"NEIGH_CREATEFAIL", DropKind::Neighbour},
    Meaning{"NEIGH_FAILED", DropKind::Neighbour},
    Meaning{"NEIGH_QUEUEFULL", DropKind::Neighbour},
    Meaning{"NEIGH_DEAD", DropKind::Neighbour},
    Meaning{"IP_RPFILTER", DropKind::ReversePath},
    Meaning{"PKT_TOO_BIG", DropKind::TooBig},
    Meaning{"SOCKET_RCVBUFF", DropKind::NoRoom},
    Meaning{"SOCKET_BACKLOG", DropKind::NoRoom},
    Meaning{"PROTO_MEM", DropKind::NoRoom},
    Meaning{"TCP_ZEROWINDOW", DropKind::NoRoom},
    Meaning{"TCP_OVERWINDOW", DropKind::NoRoom},
    Meaning{"TCP_OFO_QUEUE_PRUNE", DropKind::NoRoom},
    Meaning{"TCP_LISTEN_OVERFLOW", DropKind::AcceptQueue},
};

// Blackhole, unreachable and prohibit routes end in ip_error(); an interface that takes no
// packets of that size says nothing (veth).
constexpr std::array by_function{
    Meaning{"do_xdp_generic", DropKind::Filter},
    Meaning{"nft_do_chain", DropKind::Filter},
    Meaning{"nf_hook_slow", DropKind::Filter},
    Meaning{"ip_error", DropKind::NoRoute},
    Meaning{"ip6_pkt_drop", DropKind::NoRoute},
    Meaning{"ip6_pkt_discard", DropKind::NoRoute},
    Meaning{"ip6_pkt_discard_out", DropKind::NoRoute},
    Meaning{"ip6_pkt_prohibit", DropKind::NoRoute},
    Meaning{"ip6_pkt_prohibit_out", DropKind::NoRoute},
    Meaning{"dst_discard", DropKind::NoRoute},
    Meaning{"dst_discard_out", DropKind::NoRoute},
    Meaning{"neigh_invalidate", DropKind::Neighbour},
    Meaning{"arp_error_report", DropKind::Neighbour},
    Meaning{"ndisc_error_report", DropKind::Neighbour},
    Meaning{"__dev_forward_skb2", DropKind::TooBig},
    // A handshake that a cookie stood for, and no room to keep its connection.
    Meaning{"cookie_v4_check", DropKind::AcceptQueue},
    Meaning{"cookie_v6_check", DropKind::AcceptQueue},
};

// "__netif_receive_skb_core.constprop.0" is what the compiler made of the name.
std::string_view plain_name(std::string_view function)
{
    return function.substr(0, function.find('.'));
}

template <typename Table>
const Meaning *find(const Table &table, std::string_view word)
{
    const auto found = std::ranges::find(table, word, &Meaning::word);
    return found == table.end() ? nullptr : &*found;
}

bool says_nothing(std::string_view reason)
{
    return reason.empty() || reason == "NOT_SPECIFIED" || reason == "NO_SOCKET";
}

} // namespace

DropKind kind_of(const DropSeen &drop)
{
    if (const Meaning *meaning = find(by_reason, drop.reason))
        return meaning->kind;
    if (says_nothing(drop.reason)) {
        if (const Meaning *meaning = find(by_function, plain_name(drop.function)))
            return meaning->kind;
    }
    return DropKind::Other;
}

const DropSeen *worst_drop(const Flow &flow, const std::function<bool(const DropSeen &)> &is)
{
    const DropSeen *worst = nullptr;
    const auto weight = [](const DropSeen &drop) {
        return std::pair(kind_of(drop) != DropKind::Other, drop.count);
    };
    for (const DropSeen &drop : flow.drops()) {
        if (!drop.harmless && is(drop) && (!worst || weight(drop) > weight(*worst)))
            worst = &drop;
    }
    return worst;
}

const EndFacts *facts_of_netns(const Flow &flow, std::uint32_t netns)
{
    if (!flow.facts() || netns == 0)
        return nullptr;
    for (const auto &end : flow.facts()->ends) {
        if (end && end->netns == netns)
            return &*end;
    }
    const auto &between = flow.facts()->between;
    const auto found = std::ranges::find(between, netns, &EndFacts::netns);
    return found == between.end() ? nullptr : &*found;
}

bool is_by_netfilter(const DropSeen &drop)
{
    return drop.reason.starts_with("NETFILTER") ||
           (drop.reason.empty() && kind_of(drop) == DropKind::Filter && !is_by_xdp(drop));
}

bool is_by_xdp(const DropSeen &drop)
{
    return drop.reason == "XDP" || plain_name(drop.function) == "do_xdp_generic";
}

} // namespace tcptrace
