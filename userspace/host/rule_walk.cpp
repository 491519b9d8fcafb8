// SPDX-License-Identifier: Apache-2.0
#include "host/rule_walk.h"

#include "host/packet_match.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::size_t comparisons_max = 20'000'000; // about a second
constexpr int depth_max = 64;                       // nftables allows 16 jumps

// How a packet may leave a chain other than by its death.
struct Ways {
    bool back = false; // to the chain that called it
    bool accepted = false;
};

bool of_one_device(const Chain &chain)
{
    return chain.base->hook == "ingress" || chain.base->hook == "egress";
}

class Walk {
public:
    Walk(const DroppedPacket &packet, const Ruleset &ruleset, const Counting &counting);

    void base_chain(const Chain &chain);
    [[nodiscard]] std::optional<DropPoint> only_point() const;
    [[nodiscard]] bool may_be_past(std::string_view hook) const;

private:
    using Name = std::tuple<RuleSource, std::string_view, std::string_view, std::string_view>;
    static Name name_of(const Chain &chain, std::string_view name);

    Ways through(const Chain &chain, int depth);
    Ways follow(const Chain &chain, const std::string &target, int depth);
    bool apply(const Chain &chain, const Rule &rule, const RuleVerdict &verdict, Ways &ways,
               int depth);
    bool stays(const Chain &chain, const Rule &rule, Truth match, Ways &ways, int depth);
    Truth match(const Chain &chain, const Rule &rule);
    void may_die_at(const Chain &chain, const Rule *rule);
    [[nodiscard]] std::optional<std::uint64_t> rise(const Chain &chain, const Rule *rule) const;

    const DroppedPacket &packet_;
    const Counting counting_;
    std::string_view hook_; // whose chains are being walked
    std::map<Name, const Chain *> chains_;
    std::unordered_map<const Chain *, Ways> walked_;
    std::vector<DropPoint> points_;
    std::vector<std::string_view> ended_; // hooks the packet does not survive
    std::size_t comparisons_ = 0;
    bool too_much_ = false;
};

Walk::Walk(const DroppedPacket &packet, const Ruleset &ruleset, const Counting &counting)
    : packet_(packet), counting_(counting)
{
    for (const Chain &chain : ruleset.chains)
        chains_.emplace(name_of(chain, chain.name), &chain);
}

Walk::Name Walk::name_of(const Chain &chain, std::string_view name)
{
    // Tables of iptables-nft are tables of nftables.
    const RuleSource source =
        chain.source == RuleSource::IptablesNft ? RuleSource::Nftables : chain.source;
    return {source, chain.family, chain.table, name};
}

std::optional<std::uint64_t> Walk::rise(const Chain &chain, const Rule *rule) const
{
    if (!counting_.read_after)
        return std::nullopt;
    const auto &packets = rule ? rule->packets : chain.base->policy_packets;
    if (packets && *packets < packet_.count) // it never counted as many
        return 0;
    return counting_.before ? counting_.before->rise(chain, rule) : std::nullopt;
}

void Walk::may_die_at(const Chain &chain, const Rule *rule)
{
    const auto same = std::ranges::find_if(
        points_, [&](const DropPoint &p) { return p.chain == &chain && p.rule == rule; });
    const bool counts = !rule || rule->counts_matches;
    if (same == points_.end())
        points_.push_back(
            {&chain, rule, std::string(hook_), counts && rise(chain, rule) >= packet_.count});
    else if (same->hook != hook_)
        same->hook.clear();
}

Truth Walk::match(const Chain &chain, const Rule &rule)
{
    for (const RuleCondition &condition : rule.conditions)
        comparisons_ += condition.set->elements.size() + 1;
    if (comparisons_ > comparisons_max)
        too_much_ = true;
    const auto risen = rise(chain, &rule);
    if (too_much_ || (risen && *risen < packet_.count))
        return Truth::No;
    return meets_all(packet_, rule);
}

Ways Walk::follow(const Chain &chain, const std::string &target, int depth)
{
    const auto found = chains_.find(name_of(chain, target));
    if (found == chains_.end())
        return {.back = true, .accepted = true}; // not read: anything but a rule to name
    return through(*found->second, depth + 1);
}

// What a verdict does to a packet. True: it may go on to the next rule.
bool Walk::apply(const Chain &chain, const Rule &rule, const RuleVerdict &verdict, Ways &ways,
                 int depth)
{
    switch (verdict.action) {
    case RuleAction::Drop:
    case RuleAction::Reject:
        may_die_at(chain, &rule);
        return false;
    case RuleAction::Accept:
        ways.accepted = true;
        return false;
    case RuleAction::Return:
        ways.back = true;
        return false;
    case RuleAction::Jump:
    case RuleAction::Goto: {
        const Ways there = follow(chain, verdict.target, depth);
        ways.accepted |= there.accepted;
        if (verdict.action == RuleAction::Jump)
            return there.back;
        ways.back |= there.back;
        return false;
    }
    case RuleAction::Leave:
        ways.accepted = true;
        return true;
    case RuleAction::None:
        return true;
    }
    return true;
}

// Whether the packet may be at the next rule.
bool Walk::stays(const Chain &chain, const Rule &rule, Truth match, Ways &ways, int depth)
{
    if (match == Truth::No)
        return true;
    if (!rule.map)
        return apply(chain, rule, rule.verdict, ways, depth) || match != Truth::Yes;
    comparisons_ += rule.map->set->elements.size();
    const std::vector<MapAnswer> answers = look_up(packet_, *rule.map);
    bool stays = match != Truth::Yes || answers.empty() || rule.map->set->unsure;
    for (const MapAnswer &answer : answers)
        stays |= apply(chain, rule, *answer.verdict, ways, depth) || answer.truth != Truth::Yes;
    return stays;
}

Ways Walk::through(const Chain &chain, int depth)
{
    if (depth > depth_max) {
        too_much_ = true;
        return {};
    }
    // A chain that calls itself, which the kernel does not allow, is left at once.
    const auto [known, is_new] = walked_.try_emplace(&chain, Ways{.back = true});
    if (!is_new)
        return known->second;
    Ways ways;
    bool here = true;
    for (auto rule = chain.rules.begin(); here && !too_much_ && rule != chain.rules.end(); ++rule)
        here = stays(chain, *rule, match(chain, *rule), ways, depth);
    ways.back |= here;
    return walked_[&chain] = ways;
}

void Walk::base_chain(const Chain &chain)
{
    if (std::exchange(hook_, chain.base->hook) != chain.base->hook)
        walked_.clear();
    Ways ways = through(chain, 0);
    if (ways.back && chain.base->drops) {
        const auto risen = rise(chain, nullptr);
        if (!risen || *risen >= packet_.count)
            may_die_at(chain, nullptr);
        else
            ways.accepted = true;
        ways.back = false;
    }
    // A bridge's chains and a device's do not see all that passes the hook.
    if (!ways.back && !ways.accepted && chain.family != "bridge" && !of_one_device(chain))
        ended_.push_back(chain.base->hook);
}

bool Walk::may_be_past(std::string_view hook) const
{
    return std::ranges::find(ended_, hook) == ended_.end();
}

std::optional<DropPoint> Walk::only_point() const
{
    if (too_much_)
        return std::nullopt;
    const auto counted = std::ranges::count_if(points_, &DropPoint::counted);
    if (counted == 1)
        return *std::ranges::find_if(points_, &DropPoint::counted);
    if (counted == 0 && points_.size() == 1)
        return points_.front();
    return std::nullopt;
}

// Where packets to, from and through this namespace pass (netfilter's picture of hooks).
bool passes(const DroppedPacket &packet, std::string_view hook)
{
    if (!packet.hook.empty())
        return hook == packet.hook;
    const auto &from = packet.source_is_here;
    const auto &to = packet.destination_is_here;
    if (hook == "input")
        return to != false;
    if (hook == "output")
        return from != false;
    if (hook == "forward")
        return to != true && from != true;
    if (hook == "postrouting" || hook == "egress")
        return !(to == true && from == false);
    return !(from == true && to == false); // ingress, prerouting
}

bool may_see(const DroppedPacket &packet, const Chain &chain)
{
    const bool legacy = chain.source == RuleSource::IptablesLegacy;
    if (!chain.base || chain.family == "arp")
        return false;
    if (packet.function.starts_with("nft_") && legacy)
        return false;
    if (packet.function == "nf_hook_slow" && !legacy && packet.nftables_frees_itself)
        return false;
    const bool ipv4 = packet.source.address.family == TT_IPV4;
    if (chain.family == (ipv4 ? "ip6" : "ip"))
        return false;
    // A bridge hands on what is nobody's here.
    return chain.family == "bridge" ? packet.hook.empty() || chain.base->hook == packet.hook
                                    : passes(packet, chain.base->hook);
}

int place_on_the_way(std::string_view hook)
{
    constexpr std::array<std::string_view, 7> way{"ingress", "prerouting",  "input", "forward",
                                                  "output",  "postrouting", "egress"};
    return static_cast<int>(std::ranges::find(way, hook) - way.begin());
}

} // namespace

std::optional<DropPoint> find_drop_point(const DroppedPacket &packet, const Ruleset &ruleset,
                                         const Counting &counting)
{
    std::vector<const Chain *> entries;
    for (const Chain &chain : ruleset.chains)
        if (may_see(packet, chain))
            entries.push_back(&chain);
    std::ranges::stable_sort(entries, {}, [](const Chain *chain) {
        return std::pair(place_on_the_way(chain->base->hook), chain->base->priority);
    });
    Walk walk(packet, ruleset, counting);
    for (const Chain *chain : entries)
        if (walk.may_be_past(chain->base->hook))
            walk.base_chain(*chain);
    return walk.only_point();
}

} // namespace tcptrace
