// SPDX-License-Identifier: Apache-2.0
#include "detect/drop_words.h"

#include "detect/drops.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

// The connection's rule, if it is known and of this drop's namespace; NULL: none.
const FirewallRule *rule_of(const Flow &flow, const DropSeen &drop)
{
    if (!flow.facts() || !flow.facts()->rule || !is_by_netfilter(drop))
        return nullptr;
    const FirewallRule &rule = *flow.facts()->rule;
    const bool elsewhere = rule.netns && drop.netns && rule.netns != drop.netns;
    return elsewhere ? nullptr : &rule;
}

std::string rule_words(const FirewallRule &rule)
{
    std::string words = fmt::format("{} {} {} {}", rule.family, rule.table, rule.chain, rule.text);
    if (!rule.comment.empty() && !rule.text.contains(rule.comment))
        words += fmt::format(" ({})", rule.comment);
    return words;
}

// How far the SYN came that was dropped: where it was seen before.
std::string way_words(const Flow &flow, const DropSeen &drop)
{
    const std::string path = syn_path_words(flow);

    if ((drop.flags & (TT_SYN | TT_ACK)) != TT_SYN || path.empty())
        return {};
    const bool left = flow.syn_went(TT_OUT);
    return fmt::format("; it was seen {}{}", path, left ? "" : ", and never left");
}

std::string where_words(const Flow &flow, const DropSeen &drop)
{
    std::string words = "dropped on this node";
    const EndFacts *netns = facts_of_netns(flow, drop.netns);

    // Before 5.17 kernels give no reason, and may hide the function.
    if (!drop.reason.empty())
        words += ": " + drop.reason;
    if (!drop.function.empty())
        words += " in " + drop.function;
    if (!drop.hook.empty())
        words += ", hook " + drop.hook;
    if (!drop.interface.empty())
        words += ", interface " + drop.interface;
    if (netns && !netns->netns_name.empty())
        words += ", network namespace " + netns->netns_name;
    words += way_words(flow, drop);
    if (const FirewallRule *rule = rule_of(flow, drop))
        words += fmt::format("\nrule \"{}\"{}", rule_words(*rule),
                             rule->counted ? "" : ", which fits the packet");
    return words;
}

} // namespace

void describe_drop(const Flow &flow, const DropSeen &drop, Diagnosis &diagnosis)
{
    const FirewallRule *rule = rule_of(flow, drop);

    diagnosis.where = where_words(flow, drop);
    diagnosis.drop = DropTold{.reason = drop.reason,
                              .function = drop.function,
                              .hook = drop.hook,
                              .rule = rule ? rule_words(*rule) : "",
                              .interface = drop.interface,
                              .netns = drop.netns};
}

std::string filter_advice(const Flow &flow, const DropSeen &drop)
{
    const FirewallRule *rule = rule_of(flow, drop);
    const EndFacts *netns = facts_of_netns(flow, drop.netns);
    const std::string inside = netns && !netns->netns_name.empty()
                                   ? fmt::format("ip netns exec {} ", netns->netns_name)
                                   : "";
    const std::string interface = drop.interface.empty() ? "INTERFACE" : drop.interface;

    if (rule && !rule->list_it.empty())
        return rule->list_it;
    if (drop.reason == "TC_INGRESS" || drop.reason == "TC_EGRESS")
        return fmt::format("{}tc filter show dev {} {}; bpftool net", inside, interface,
                           drop.reason == "TC_INGRESS" ? "ingress" : "egress");
    if (is_by_xdp(drop))
        return fmt::format("{}ip link show dev {}; bpftool net", inside, interface);
    return fmt::format("{}nft list ruleset; {}iptables-save", inside, inside);
}

} // namespace tcptrace
