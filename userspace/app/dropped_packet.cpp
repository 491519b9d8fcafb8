// SPDX-License-Identifier: Apache-2.0
#include "app/dropped_packet.h"

#include <algorithm>

namespace tcptrace {

namespace {

bool is_of_netfilter(const DropSeen &drop)
{
    return !drop.harmless && drop.reason == "NETFILTER_DROP" && drop.netns != 0;
}

} // namespace

bool DropToExplain::is_like(const DropToExplain &other) const
{
    return netns == other.netns && packet.hook == other.packet.hook &&
           packet.function == other.packet.function && packet.tcp_flags == other.packet.tcp_flags &&
           packet.in_interface == other.packet.in_interface &&
           packet.out_interface == other.packet.out_interface &&
           packet.source.address == other.packet.source.address;
}

bool has_drop_to_explain(const Flow &flow)
{
    return std::ranges::any_of(flow.drops(), is_of_netfilter);
}

std::optional<DropToExplain> drop_to_explain(const Flow &flow)
{
    const auto drop = std::ranges::find_if(flow.drops(), is_of_netfilter);
    if (drop == flow.drops().end())
        return std::nullopt;
    DropToExplain result{.netns = drop->netns,
                         .by_initiator = (drop->sender & 1U) == flow.initiator()};
    DroppedPacket &packet = result.packet;
    packet.source = drop->source;
    packet.destination = drop->destination;
    packet.tcp_flags = drop->flags;
    packet.hook = drop->hook;
    packet.function = drop->function;
    packet.count = drop->count;
    packet.first_ns = drop->first_ns;
    packet.last_ns = drop->last_ns;
    if ((drop->flags & (TT_SYN | TT_ACK)) == TT_SYN)
        packet.conntrack = conntrack_new;
    const bool leaves = drop->hook == "output" || drop->hook == "postrouting";
    (leaves ? packet.out_interface : packet.in_interface) = drop->interface;
    return result;
}

} // namespace tcptrace
