// SPDX-License-Identifier: Apache-2.0
#include "host/nft_json.h"

#include "host/nft_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace tcptrace {

namespace {

using Json = nlohmann::json;

std::string text_at(const Json &object, const char *key)
{
    const auto found = object.find(key);
    const auto *text = found == object.end() ? nullptr : found->get_ptr<const std::string *>();
    return text ? *text : std::string();
}

std::optional<std::uint64_t> number_at(const Json &object, const char *key)
{
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_unsigned())
        return std::nullopt;
    return found->get<std::uint64_t>();
}

// "ipv4_addr", several of these, or from nft 1.1 on what the set was declared to hold:
// {"typeof": {"payload": ...}}.
std::vector<RuleField> fields_of_type(const Json &type)
{
    if (type.is_string())
        return {field_of_type(type.get<std::string>())};
    if (type.is_object() && type.contains("typeof"))
        return left_side(type["typeof"]).fields;
    std::vector<RuleField> fields;
    if (type.is_array())
        for (const Json &part : type)
            fields.push_back(field_of_type(part.is_string() ? part.get<std::string>() : ""));
    return fields;
}

// Statements that neither ask nor decide: a rule with them behaves as without.
bool only_acts(std::string_view statement)
{
    constexpr std::array<std::string_view, 14> names{
        "log",        "notrack",        "mangle", "flow", "dup",     "secmark", "ct helper",
        "ct timeout", "ct expectation", "tproxy", "last", "comment", "reset",   "optstrip"};
    return std::ranges::find(names, statement) != names.end();
}

RuleCondition cannot_tell()
{
    return {{RuleField::Unknown}, std::make_shared<ValueSet>()};
}

// Builds a ruleset object by object, as the listing goes by.
class Listing {
public:
    void take(const Json &object);
    Result<Ruleset> finish();
    [[nodiscard]] bool full() const { return rules_ > rules_max || elements_ > rules_max; }

private:
    using Name = std::tuple<std::string, std::string, std::string>; // family, table, own

    void take_chain(const Json &chain);
    void take_rule(const Json &rule);
    void take_set(const Json &set);
    void take_statement(Rule &rule, const Name &home, const Json &statement);
    void take_match(Rule &rule, const FindSet &find, const Json &match);
    void take_map(Rule &rule, const FindSet &find, const Json &map);
    void take_change_of_set(Rule &rule, const FindSet &find, const Json &change);
    FindSet finder(const Name &home);
    static Name name_of(const Json &object, const char *own);

    std::map<Name, Chain> chains_;
    std::map<Name, std::shared_ptr<ValueSet>> sets_; // listed, or only named so far
    std::size_t rules_ = 0;
    std::size_t elements_ = 0;
    bool listed_ = false; // saw nft's first object
};

Listing::Name Listing::name_of(const Json &object, const char *own)
{
    return {text_at(object, "family"), text_at(object, "table"), text_at(object, own)};
}

void Listing::take(const Json &object)
{
    if (!object.is_object() || object.size() != 1 || !object.front().is_object())
        return;
    const Json &inside = object.front();
    if (object.contains("metainfo"))
        listed_ = true;
    else if (object.contains("chain"))
        take_chain(inside);
    else if (object.contains("rule"))
        take_rule(inside);
    else if (object.contains("set") || object.contains("map"))
        take_set(inside);
}

void Listing::take_chain(const Json &chain)
{
    const Name name = name_of(chain, "name");
    Chain &made = chains_[name];
    std::tie(made.family, made.table, made.name) = name;
    const std::string hook = text_at(chain, "hook");
    if (hook.empty())
        return;
    const auto priority = chain.find("prio");
    made.base = BaseChain{.hook = hook, .drops = text_at(chain, "policy") == "drop"};
    if (priority != chain.end() && priority->is_number_integer())
        made.base->priority = static_cast<int>(
            std::clamp<std::int64_t>(priority->get<std::int64_t>(), -1'000'000, 1'000'000));
}

void Listing::take_set(const Json &set)
{
    std::vector<RuleField> fields;
    const auto type = set.find("type");
    if (type != set.end())
        fields = fields_of_type(*type);
    auto &values =
        sets_.try_emplace(name_of(set, "name"), std::make_shared<ValueSet>()).first->second;
    values->elements.clear();
    // Elements with a time to live may have been there, or not, when the packet came.
    values->unsure |= set.contains("timeout") || fields.empty() ||
                      std::ranges::find(fields, RuleField::Unknown) != fields.end();
    for (const Json &flag : set.value("flags", Json::array()))
        values->unsure |= flag == "timeout" || flag == "dynamic";
    const auto elements = set.find("elem");
    if (elements == set.end() || !elements->is_array() || values->unsure)
        return;
    elements_ += elements->size();
    if (full())
        return;
    for (const Json &element : *elements)
        add_element(*values, element, fields);
}

FindSet Listing::finder(const Name &home)
{
    return [this, home](std::string_view name) {
        const auto &[family, table, chain] = home;
        return sets_
            .try_emplace(Name{family, table, std::string(name)}, std::make_shared<ValueSet>())
            .first->second;
    };
}

void Listing::take_rule(const Json &object)
{
    const Name home = name_of(object, "chain");
    const auto chain = chains_.find(home);
    const auto expressions = object.find("expr");
    if (chain == chains_.end() || expressions == object.end() || !expressions->is_array())
        return;
    Rule rule{.handle = number_at(object, "handle").value_or(0),
              .comment = text_at(object, "comment")};
    for (const Json &statement : *expressions)
        take_statement(rule, home, statement);
    chain->second.rules.push_back(std::move(rule));
    ++rules_;
}

void Listing::take_statement(Rule &rule, const Name &home, const Json &statement)
{
    const auto ask = [&rule](RuleCondition condition) {
        rule.conditions.push_back(std::move(condition));
        rule.counts_matches = false;
    };
    if (!statement.is_object() || statement.size() != 1)
        return ask(cannot_tell());
    const auto &[name, inside] = *statement.get_ref<const Json::object_t &>().begin();
    const FindSet find = finder(home);
    if (const auto verdict = verdict_of(statement)) {
        rule.verdict = *verdict;
    } else if (name == "match" && inside.is_object()) {
        take_match(rule, find, inside);
    } else if (name == "vmap" && inside.is_object()) {
        take_map(rule, find, inside);
    } else if (name == "counter" && inside.is_object()) {
        rule.packets = number_at(inside, "packets");
        rule.counts_matches = rule.packets.has_value();
    } else if (name == "set" && inside.is_object()) {
        take_change_of_set(rule, find, inside);
    } else if (name == "xt" && inside.is_object() && text_at(inside, "type") == "target") {
        const bool reject = text_at(inside, "name") == "REJECT";
        rule.verdict.action = reject ? RuleAction::Reject : RuleAction::Leave;
    } else if (!only_acts(name) && !(name == "counter" && inside.is_string())) {
        ask(cannot_tell());
    }
}

void Listing::take_match(Rule &rule, const FindSet &find, const Json &match)
{
    rule.counts_matches = false;
    const auto left = match.find("left");
    const auto right = match.find("right");
    if (left == match.end() || right == match.end()) {
        rule.conditions.push_back(cannot_tell());
        return;
    }
    LeftSide side = left_side(*left);
    const std::string op = text_at(match, "op");
    RuleCondition condition = compare(side, op.empty() ? "==" : op, *right, find);
    std::ranges::move(side.implied, std::back_inserter(rule.conditions));
    rule.conditions.push_back(std::move(condition));
}

void Listing::take_map(Rule &rule, const FindSet &find, const Json &map)
{
    const auto key = map.find("key");
    const auto data = map.find("data");
    if (key == map.end() || data == map.end()) {
        rule.conditions.push_back(cannot_tell());
        return;
    }
    LeftSide side = left_side(*key);
    rule.map = compare(side, "==", *data, find);
    std::ranges::move(side.implied, std::back_inserter(rule.conditions));
}

// `add @seen { ip saddr }`; with a limit beside the element the rule may end here, too.
void Listing::take_change_of_set(Rule &rule, const FindSet &find, const Json &change)
{
    const std::string name = text_at(change, "set");
    if (name.starts_with('@')) {
        const auto set = find(std::string_view(name).substr(1));
        set->unsure = true;
        set->elements.clear(); // they may have come, and others gone, since the packet
    }
    if (change.contains("stmt")) {
        rule.conditions.push_back(cannot_tell());
        rule.counts_matches = false;
    }
}

Result<Ruleset> Listing::finish()
{
    if (!listed_)
        return fail(Status::CannotRun, "what nft printed is not a list of rules");
    if (full())
        return fail(
            Status::CannotRun,
            fmt::format("more than {} netfilter rules or set elements: not read", rules_max));
    Ruleset ruleset;
    for (auto &[name, chain] : chains_)
        ruleset.chains.push_back(std::move(chain));
    return ruleset;
}

} // namespace

Result<Ruleset> parse_nft_json(std::string_view text)
{
    Listing listing;
    // Each object of {"nftables": [...]} is used and dropped, so that the whole never stands
    // in memory as a tree, which takes ten times the text.
    const Json::parser_callback_t one_by_one = [&](int depth, Json::parse_event_t event,
                                                   Json &parsed) {
        if (depth != 2 || event != Json::parse_event_t::object_end)
            return true;
        if (!listing.full())
            listing.take(parsed);
        return false;
    };
    const Json rest = Json::parse(text, one_by_one, false);
    if (rest.is_discarded())
        return fail(Status::CannotRun, "what nft printed is not JSON");
    return listing.finish();
}

} // namespace tcptrace
