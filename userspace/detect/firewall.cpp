// SPDX-License-Identifier: Apache-2.0
#include "detect/firewall.h"

#include "detect/drop_words.h"
#include "detect/drops.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tcptrace {

namespace {

// REJECT sends its answer first, then drops the packet, in one go.
constexpr std::uint64_t reject_ns = 5 * TT_NSEC_PER_MSEC;

// The reset's sender is this machine, whose TCP tells of its resets, and it told of none; under
// another name, behind a NAT, its word may have been missed.
bool denied_by_the_stack(const Flow &flow)
{
    const ResetSeen &reset = *flow.reset();
    const std::size_t end = reset.sender == flow.initiator() ? 0 : 1;

    return flow.facts() && flow.facts()->ends[end] && !flow.facts()->ends[end]->known_as &&
           flow.facts()->asked_ns > reset.time_ns && flow.stack_tells_resets();
}

} // namespace

const DropSeen *netfilter_drop(const Flow &flow, unsigned sender, std::uint64_t time_ns)
{
    const auto found = std::ranges::find_if(flow.drops(), [&](const DropSeen &drop) {
        return is_by_netfilter(drop) && !drop.harmless && drop.sender == sender &&
               drop.first_ns <= time_ns + reject_ns && time_ns <= drop.last_ns + reject_ns;
    });
    return found == flow.drops().end() ? nullptr : &*found;
}

bool has_rejecting_rule(const Flow &flow)
{
    if (!flow.facts() || !flow.facts()->rule)
        return false;
    const std::string &text = flow.facts()->rule->text; // as nft or iptables prints it
    return text.contains("reject") || text.contains("REJECT");
}

std::optional<Confidence> firewall_reset(const Flow &flow)
{
    const ResetSeen &reset = *flow.reset();

    if (reset.sent_by_stack)
        return std::nullopt;
    const bool dropped = netfilter_drop(flow, reset.sender ^ 1U, reset.time_ns) != nullptr;
    const bool denied = denied_by_the_stack(flow);
    if ((dropped && denied) || ((dropped || denied) && has_rejecting_rule(flow)))
        return Confidence::Certain;
    if (dropped || denied || reset.other_distance)
        return Confidence::Likely;
    return std::nullopt;
}

void describe_firewall(const Flow &flow, Diagnosis &diagnosis)
{
    const ResetSeen &reset = *flow.reset();
    const DropSeen *drop = netfilter_drop(flow, reset.sender ^ 1U, reset.time_ns);
    const std::string_view role = role_words(flow, reset.sender);

    diagnosis.advice = {"look for rules that reject: nft list ruleset; iptables-save"};
    if (drop) {
        describe_drop(flow, *drop, diagnosis);
        diagnosis.advice = {filter_advice(flow, *drop)};
        diagnosis.why = fmt::format("a firewall rule on this node rejects the packet, and resets "
                                    "the connection in the {}'s name",
                                    role);
    } else if (denied_by_the_stack(flow)) {
        diagnosis.where = "on this node";
        diagnosis.why = fmt::format("a firewall on this node: the reset left in the {}'s name, and "
                                    "the TCP here did not send it",
                                    role);
    } else {
        diagnosis.where = fmt::format("between the ends: not as many hops away as the {}", role);
        diagnosis.why = fmt::format("a firewall on the way: the TTL of the reset is not that of "
                                    "the {}'s other packets",
                                    role);
    }
}

} // namespace tcptrace
