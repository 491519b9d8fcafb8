// SPDX-License-Identifier: Apache-2.0
#include "host/rule_counters.h"

#include <algorithm>
#include <functional>
#include <string>

namespace tcptrace {

namespace {

// A rule is known again by its handle, or where iptables made it by its text.
std::uint64_t key_of(const Chain &chain, const Rule *rule)
{
    std::string name = chain.family;
    name += static_cast<char>('0' + static_cast<int>(chain.source));
    for (const std::string *part : {&chain.table, &chain.name}) {
        name += '\n';
        name += *part;
    }
    name += rule ? '\n' + std::to_string(rule->handle) + '\n' + rule->text : "\npolicy";
    return std::hash<std::string>{}(name);
}

const std::optional<std::uint64_t> &counter_of(const Chain &chain, const Rule *rule)
{
    return rule ? rule->packets : chain.base->policy_packets;
}

} // namespace

RuleCounters::RuleCounters(const Ruleset &ruleset)
{
    for (const Chain &chain : ruleset.chains) {
        for (const Rule &rule : chain.rules)
            if (rule.packets)
                packets_.emplace_back(key_of(chain, &rule), *rule.packets);
        if (chain.base && chain.base->policy_packets)
            packets_.emplace_back(key_of(chain, nullptr), *chain.base->policy_packets);
    }
    std::ranges::sort(packets_);
    packets_.shrink_to_fit();
}

std::optional<std::uint64_t> RuleCounters::rise(const Chain &chain, const Rule *rule) const
{
    const auto &now = counter_of(chain, rule);
    if (!now)
        return std::nullopt;
    const auto same = std::ranges::equal_range(packets_, key_of(chain, rule), {},
                                               &decltype(packets_)::value_type::first);
    if (same.size() != 1 || *now < same.front().second) // two rules alike cannot be told apart
        return std::nullopt;
    return *now - same.front().second;
}

} // namespace tcptrace
