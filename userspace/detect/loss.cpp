// SPDX-License-Identifier: Apache-2.0
#include "detect/loss.h"

#include "detect/drops.h"
#include "detect/words.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::uint32_t copies_enough = 3;
constexpr std::uint32_t large_segment = 1000; // bytes; may be too large where smaller ones pass
// Bytes that fill a packet of the smallest MTU of IPv6 (1280, RFC 8200 §5) with TCP's timestamps.
constexpr std::uint32_t full_segment = 1280 - 40 - 32;
constexpr std::uint64_t shortest_timeout_ns = TT_NSEC_PER_SEC / 5; // Linux' TCP_RTO_MIN
constexpr std::uint64_t hole_enough_ns = TT_NSEC_PER_SEC;

// The stack's word alone that it sends again does not show what came back.
bool answers_are_seen(const Flow &flow)
{
    return flow.longest_repetition().on_wire || flow.watched_both_ways();
}

// The same data was sent again and again, and never acknowledged.
bool stalled(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();
    return answers_are_seen(flow) && again.times >= copies_enough &&
           !flow.acknowledged(again.sender, again.sequence);
}

bool peer_silent(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();
    return flow.last_heard_ns(again.sender ^ 1U) <= again.first_ns + shortest_timeout_ns;
}

// Large segments never pass and small ones do. What was acknowledged in all is less than one
// of them, or a copy that was cut smaller got through.
bool only_large_ones_vanish(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();
    const std::uint32_t acked = flow.bytes_acked(again.sender);

    if (!answers_are_seen(flow) || again.times < copies_enough || again.length < large_segment ||
        !flow.established())
        return false;
    if (again.shrank && flow.acknowledged(again.sender, again.sequence))
        return true;
    // Where nothing but the handshake passed, only what fills a packet is surely large.
    const bool small_passed = acked > 1; // the SYN counts as one
    return stalled(flow) && acked < again.length && (small_passed || again.length >= full_segment);
}

// An interface, and not only the own stack, told of a repetition.
bool seen_on_wire(const Flow &flow)
{
    return flow.told_ns(TT_WITNESS_WIRE, TT_RETRANSMISSIONS) != 0 ||
           flow.longest_repetition().on_wire;
}

const EndFacts *facts_of(const Flow &flow, unsigned end)
{
    const std::size_t role = end == flow.initiator() ? 0 : 1;
    return flow.facts() && flow.facts()->ends[role] ? &*flow.facts()->ends[role] : nullptr;
}

std::optional<Verdict> of_drop(const Flow &flow, const DropSeen &drop)
{
    // One buffer may hold many segments (GSO): a few drops stand for many losses.
    const Confidence sure = drop.count >= 2 ? Confidence::Certain : Confidence::Likely;

    switch (kind_of(drop)) {
    case DropKind::Filter:
        return Verdict{"filtered_on_this_node", sure, "this_node"};
    case DropKind::TooBig:
        return Verdict{"mtu_black_hole", sure, "network"};
    case DropKind::NoRoom:
        return Verdict{"receive_buffer_full", sure, role_words(flow, drop.sender ^ 1U)};
    case DropKind::Neighbour:
    case DropKind::NoRoute:
        return Verdict{"peer_gone", sure, role_words(flow, drop.sender ^ 1U)};
    case DropKind::ReversePath:
    case DropKind::AcceptQueue:
    case DropKind::Other:
        break;
    }
    return Verdict{"network_loss", sure, "this_node", {}, Severity::Warning};
}

// What this machine knows of its ends beside drops.
std::optional<Verdict> of_facts(const Flow &flow)
{
    const unsigned sender = flow.longest_repetition().sender;
    const EndFacts *receiver = facts_of(flow, sender ^ 1U);
    const EndFacts *own = facts_of(flow, sender);

    if (receiver && receiver->counters && receiver->counters->receive_queue_drops > 0 &&
        receiver->socket && receiver->socket->receive_queue > 0)
        return Verdict{"receive_buffer_full", Confidence::Likely, role_words(flow, sender ^ 1U)};
    if (own && own->neighbour && own->neighbour->state == NeighbourState::Failed)
        return Verdict{"peer_gone", Confidence::Certain, role_words(flow, sender ^ 1U)};
    return std::nullopt;
}

} // namespace

std::uint32_t losses(const Flow &flow)
{
    const std::uint32_t sent_again = flow.count(TT_RETRANSMISSION | TT_FAST_RETRANSMISSION);
    return sent_again - std::min(sent_again, flow.sent_for_nothing());
}

const DropSeen *data_drop(const Flow &flow)
{
    return worst_drop(flow, [](const DropSeen &drop) { return !(drop.flags & TT_SYN); });
}

std::optional<Hole> open_hole(const Flow &flow)
{
    for (const unsigned end : {0U, 1U}) {
        const auto hole = flow.hole(end);
        if (hole && hole->asked_ns >= hole->since_ns + hole_enough_ns)
            return hole;
    }
    return std::nullopt;
}

// RFC 1191, RFC 8201.
bool packets_were_made_smaller(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();
    const DropSeen *drop = data_drop(flow);
    const auto &icmp = flow.icmp();
    const bool told =
        icmp && (icmp->family == TT_IPV4 ? icmp->type == TT_ICMP_UNREACHABLE && icmp->code == 4
                                         : icmp->type == TT_ICMPV6_TOO_BIG);

    if (again.times >= copies_enough)
        return false;
    // A drop alone does not say that the sender heard of it; a smaller copy, or progress, does.
    const bool dropped = drop && kind_of(*drop) == DropKind::TooBig;
    return told || (dropped && (again.shrank || again.times == 0 ||
                                flow.acknowledged(again.sender, again.sequence)));
}

Verdict loss_verdict(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();

    if (const DropSeen *drop = data_drop(flow)) {
        if (const auto verdict = of_drop(flow, *drop))
            return *verdict;
    }
    if (const auto verdict = of_facts(flow))
        return *verdict;
    if (only_large_ones_vanish(flow))
        return {"mtu_black_hole", Confidence::Likely, "network"};
    if (stalled(flow) && peer_silent(flow))
        return {"peer_gone", Confidence::Likely, role_words(flow, again.sender ^ 1U)};
    // Where only the stack speaks, a receiver without room looks the same.
    const bool told = seen_on_wire(flow) && !stalled(flow);
    return {"network_loss",
            told ? Confidence::Likely : Confidence::Possible,
            "network",
            {},
            Severity::Warning};
}

} // namespace tcptrace
