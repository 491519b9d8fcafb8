// SPDX-License-Identifier: Apache-2.0
#include "host/firewall.h"

#include "host/read_ruleset.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t text_max = 1024;

// What root of any container wrote comes to a terminal: neither its controls nor bytes that
// are no text may.
std::string shown(std::string text)
{
    text.resize(std::min(text.size(), text_max));
    for (char &c : text)
        if (c < ' ' || c == '\x7f') // char is signed: beyond ASCII, too
            c = '?';
    return text;
}

std::string text_of(const Chain &chain, const Rule &rule, Deadline deadline)
{
    if (!rule.text.empty())
        return rule.text;
    std::string text = nft_rule_text(chain, rule, deadline);
    return text.empty() ? fmt::format("rule with handle {}", rule.handle) : text;
}

// A name as the shell takes it for one word.
std::string word(const std::string &name)
{
    const bool plain = std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
               std::string_view("_-.:/").find(c) != std::string_view::npos;
    });
    if (plain && !name.empty())
        return name;
    std::string quoted = "'";
    for (const char c : name)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string listing_command(const Chain &chain)
{
    if (chain.source == RuleSource::Nftables)
        return fmt::format("nft list chain {} {} {}", chain.family, word(chain.table),
                           word(chain.name));
    return fmt::format("{}tables{}{} -S {}", chain.family,
                       chain.source == RuleSource::IptablesLegacy ? "-legacy" : "",
                       chain.table == "filter" ? "" : " -t " + word(chain.table), word(chain.name));
}

} // namespace

FirewallRule describe(const FirewallPlace &place, const DropPoint &point, Deadline deadline)
{
    const Chain &chain = *point.chain;
    FirewallRule rule;
    rule.netns = place.netns;
    rule.family = shown(chain.family);
    rule.table = shown(chain.table);
    rule.chain = shown(chain.name);
    rule.hook = shown(point.hook);
    rule.text = point.rule ? shown(text_of(chain, *point.rule, deadline)) : "policy drop";
    rule.comment = point.rule ? shown(point.rule->comment) : "";
    rule.list_it =
        shown((place.netns_name.empty() ? std::string()
                                        : "ip netns exec " + word(place.netns_name) + " ") +
              listing_command(chain));
    rule.counted = point.counted;
    return rule;
}

} // namespace tcptrace
