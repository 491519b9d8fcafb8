// SPDX-License-Identifier: Apache-2.0
#include "detect/syn_path.h"

#include "detect/drops.h"

#include <algorithm>

namespace tcptrace {

namespace {

const EndFacts *end_here(const Flow &flow, std::size_t end)
{
    return flow.facts() && flow.facts()->ends[end] ? &*flow.facts()->ends[end] : nullptr;
}

bool opens(const DropSeen &drop, unsigned sender, std::uint8_t flags)
{
    return drop.sender == sender && (drop.flags & (TT_SYN | TT_ACK)) == flags;
}

bool leads_nowhere(const std::optional<RouteFact> &route)
{
    return route && route->kind != RouteKind::Unicast && route->kind != RouteKind::Local;
}

// Entries come and go: one in a thousand may be free at the moment of asking.
bool is_full(const std::optional<ConntrackFact> &conntrack)
{
    return conntrack && conntrack->max > 0 && conntrack->dropped > 0 &&
           conntrack->count >= conntrack->max - conntrack->max / 1000;
}

// The kernel names a full table by no reason of its own: it is dropped as a rule would.
bool conntrack_full(const Flow &flow, const DropSeen &drop)
{
    const EndFacts *netns = facts_of_netns(flow, drop.netns);
    return drop.function.starts_with("nf_hook_slow") && netns && is_full(netns->conntrack);
}

bool seen_on_wire(const Flow &flow)
{
    return std::ranges::any_of(flow.points(), [](const Point &point) {
        return point.witness == TT_WITNESS_WIRE && point.state.syns > 0;
    });
}

// Seen from a namespace that the connection does not come by, only its drop tells how far it came.
bool away_from_client(const Flow &flow, const DropSeen &drop)
{
    const EndFacts *client = end_here(flow, 0);
    const std::uint32_t home = client ? client->netns : flow.netns(flow.initiator());
    return home != 0 && home != drop.netns;
}

Verdict of_syn_drop(const Flow &flow, const DropSeen &drop)
{
    const std::string_view never =
        seen_on_wire(flow) || away_from_client(flow, drop) ? "dropped_here" : "never_sent";

    switch (kind_of(drop)) {
    case DropKind::Filter:
        if (conntrack_full(flow, drop))
            return {"conntrack_full", Confidence::Certain, "this_node", never};
        return {"filtered_on_this_node", Confidence::Certain, "this_node", "dropped_here"};
    case DropKind::NoRoute:
        return {"no_route", Confidence::Certain, "this_node", never};
    case DropKind::Neighbour:
        return {"host_unreachable", Confidence::Certain, "server", never};
    case DropKind::ReversePath:
        return {"reverse_path_filter", Confidence::Certain, "this_node", "dropped_here"};
    case DropKind::AcceptQueue:
        return {"accept_queue_full", Confidence::Certain, "server", "arrived_unanswered"};
    default:
        return {"no_reply", Confidence::Likely, {}, "dropped_here"};
    }
}

Verdict of_reply_drop(const Flow &flow, const DropSeen &drop)
{
    const EndFacts *server = end_here(flow, 1);
    const bool at_server = server && server->netns == drop.netns;

    switch (kind_of(drop)) {
    case DropKind::Filter:
        if (conntrack_full(flow, drop))
            return {"conntrack_full", Confidence::Certain, "this_node", "reply_dropped_here"};
        return {"filtered_on_this_node", Confidence::Certain, "this_node", "reply_dropped_here"};
    case DropKind::ReversePath:
        return {"reverse_path_filter", Confidence::Certain, "this_node", "reply_dropped_here"};
    case DropKind::NoRoute:
    case DropKind::Neighbour:
        if (at_server)
            return {"no_return_route", Confidence::Certain, "server", "reply_dropped_here"};
        [[fallthrough]];
    default:
        return {"synack_lost", Confidence::Certain, "this_node", "reply_dropped_here"};
    }
}

// Without SYN cookies the last quarter of tcp_max_syn_backlog is kept for hosts that proved
// themselves; who is refused for it raises ListenDrops alone (tcp_conn_request() in
// net/ipv4/tcp_input.c). So do a lack of memory and a security module, which are rare.
bool only_drops_counted(const Flow &flow, const StackCounters &counters)
{
    return counters.listen_drops >= std::max(attempts(flow).times, 1U) &&
           counters.listen_overflows == 0 && counters.no_routes_out == 0 &&
           counters.syncookies_sent == 0;
}

// The server is this machine, its kernel dropped the SYN without a word: counters and
// queues say what tracing cannot.
std::optional<Verdict> of_server(const Flow &flow)
{
    const EndFacts *server = end_here(flow, 1);
    const ListenerFact *listener = listener_of(flow);
    const auto arrived = [](std::string_view cause, Confidence confidence) {
        return Verdict{cause, confidence, "server", "arrived_unanswered"};
    };

    if (!server)
        return std::nullopt;
    if (leads_nowhere(server->route))
        return arrived("no_return_route", Confidence::Certain);
    if (!server->counters)
        return std::nullopt;
    const StackCounters &counters = *server->counters;
    if (counters.listen_overflows > 0 && listener && is_full(*listener))
        return arrived("accept_queue_full", Confidence::Certain);
    if (counters.request_queue_full_drops > 0)
        return arrived("syn_queue_full", Confidence::Likely);
    if (counters.listen_overflows > 0 && listener)
        return arrived("accept_queue_full", Confidence::Likely);
    if (counters.no_routes_out > 0 && counters.listen_drops > 0)
        return arrived("no_return_route", Confidence::Likely);
    if (counters.reverse_path_filtered > 0)
        return Verdict{"reverse_path_filter", Confidence::Likely, "this_node", "dropped_here"};
    if (listener && only_drops_counted(flow, counters))
        return arrived("syn_queue_full", Confidence::Likely);
    return std::nullopt;
}

// The client is this machine, and the SYN cannot have left it.
std::optional<Verdict> of_client(const Flow &flow)
{
    const EndFacts *client = end_here(flow, 0);

    if (!client || flow.syn_went(TT_OUT))
        return std::nullopt;
    if (leads_nowhere(client->route))
        return Verdict{"no_route", Confidence::Certain, "this_node", "never_sent"};
    if (client->neighbour && client->neighbour->state == NeighbourState::Failed)
        return Verdict{"host_unreachable", Confidence::Certain, "server", "never_sent"};
    if (client->neighbour && client->neighbour->state == NeighbourState::Resolving)
        return Verdict{"host_unreachable", Confidence::Likely, "server", "never_sent"};
    if (is_full(client->conntrack))
        return Verdict{"conntrack_full", Confidence::Likely, "this_node", "never_sent"};
    return std::nullopt;
}

std::string_view locus_of_silence(const Flow &flow)
{
    if (flow.syn_went(TT_OUT))
        return "left_this_node";
    // Without a word of a drop: it waits for a neighbour, or a program refused it.
    if (flow.unsent().syns > 0)
        return "never_sent";
    // Coming in is all that a router sees of it, too.
    return flow.syn_went(TT_IN) && end_here(flow, 1) ? "arrived_unanswered" : "unknown";
}

} // namespace

Attempts attempts(const Flow &flow)
{
    Attempts found{flow.syns(), flow.first_syn_ns()};
    std::uint32_t dropped = 0;

    for (const DropSeen &drop : flow.drops()) {
        if (!opens(drop, flow.initiator(), TT_SYN))
            continue;
        dropped += drop.count;
        if (found.first_ns == 0 || drop.first_ns < found.first_ns)
            found.first_ns = drop.first_ns;
    }
    found.times = std::max(found.times, dropped);
    return found;
}

const DropSeen *syn_drop(const Flow &flow)
{
    return worst_drop(flow,
                      [&](const DropSeen &drop) { return opens(drop, flow.initiator(), TT_SYN); });
}

const DropSeen *reply_drop(const Flow &flow)
{
    return worst_drop(flow, [&](const DropSeen &drop) {
        const bool filtered_reset = drop.sender != flow.initiator() && (drop.flags & TT_RST) &&
                                    kind_of(drop) == DropKind::Filter && !flow.established();
        return filtered_reset || opens(drop, flow.initiator() ^ 1U, TT_SYN | TT_ACK);
    });
}

// RFC 792, RFC 4443.
bool says_unreachable(const IcmpSeen &icmp)
{
    if (icmp.family == TT_IPV4)
        return icmp.type == TT_ICMP_TIME_EXCEEDED ||
               (icmp.type == TT_ICMP_UNREACHABLE &&
                (icmp.code <= 1 || icmp.code == 5 || icmp.code == 6 || icmp.code == 7 ||
                 icmp.code == 11 || icmp.code == 12));
    return icmp.type == TT_ICMPV6_TIME_EXCEEDED ||
           (icmp.type == TT_ICMPV6_UNREACHABLE && (icmp.code == 0 || icmp.code == 3));
}

const ListenerFact *listener_of(const Flow &flow)
{
    const EndFacts *server = end_here(flow, 1);
    const ListenerFact *fullest = nullptr;

    if (!server)
        return nullptr;
    for (const ListenerFact &listener : server->listeners) {
        if (listener.takes_it && (!fullest || listener.queued > fullest->queued))
            fullest = &listener;
    }
    return fullest;
}

// One more than `backlog` is let in: sk_acceptq_is_full() in include/net/sock.h. One leaves
// while we ask.
bool is_full(const ListenerFact &listener)
{
    return listener.queued > 0 && listener.queued >= listener.backlog;
}

Verdict syn_verdict(const Flow &flow)
{
    if (const DropSeen *drop = reply_drop(flow))
        return of_reply_drop(flow, *drop);
    const DropSeen *drop = syn_drop(flow);
    if (drop && kind_of(*drop) != DropKind::Other)
        return of_syn_drop(flow, *drop);
    if (flow.icmp())
        return {"host_unreachable", Confidence::Certain, "network", locus_of_silence(flow)};
    // The client asks again although it was answered, here or in another namespace: the answers
    // do not arrive.
    if (flow.synacks() > 0 || flow.count(TT_SYNACK_RETRANSMISSION) > 0)
        return {"synack_lost", Confidence::Likely, "network", "unknown"};
    if (const auto verdict = of_server(flow))
        return *verdict;
    if (drop)
        return of_syn_drop(flow, *drop);
    if (const auto verdict = of_client(flow))
        return *verdict;
    return {"no_reply", Confidence::Possible, {}, locus_of_silence(flow)};
}

std::optional<Verdict> refused_by_full_queue(const Flow &flow)
{
    constexpr std::uint32_t often = 2; // one may have been a moment's fullness
    const DropSeen *drop = worst_drop(flow, [&](const DropSeen &each) {
        return each.sender == flow.initiator() && kind_of(each) == DropKind::AcceptQueue;
    });
    const EndFacts *server = end_here(flow, 1);
    const ListenerFact *listener = listener_of(flow);
    const Verdict full{"accept_queue_full", Confidence::Certain, "server", "arrived_unanswered"};

    if (drop && drop->count >= often)
        return full;
    // TCP_DEFER_ACCEPT repeats its SYN-ACK, too, while it waits for data; no queue is full then.
    const bool in_vain =
        flow.longest_repetition().times >= often || flow.count(TT_SYNACK_RETRANSMISSION) >= often;
    const bool overflowed = server && server->counters && server->counters->listen_overflows > 0;
    if (in_vain && overflowed && listener && is_full(*listener) && !server->socket)
        return full;
    return std::nullopt;
}

} // namespace tcptrace
