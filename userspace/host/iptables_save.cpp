// SPDX-License-Identifier: Apache-2.0
#include "host/iptables_save.h"

#include "host/rule_values.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace tcptrace {

namespace {

using Words = std::vector<std::string>;

// Splits as iptables-restore does: blanks, double quotes, backslash.
Words words_of(std::string_view line)
{
    Words words;
    bool inside = false;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        char c = line[i];
        if (!quoted && (c == ' ' || c == '\t')) {
            inside = false;
            continue;
        }
        if (!std::exchange(inside, true))
            words.emplace_back();
        if (c == '"') {
            quoted = !quoted;
            continue;
        }
        if (c == '\\' && i + 1 < line.size())
            c = line[++i];
        words.back() += c;
    }
    return words;
}

// "[12:720]": packets and bytes.
std::optional<std::uint64_t> packets_in(std::string_view counters)
{
    if (!counters.starts_with('['))
        return std::nullopt;
    return decimal(counters.substr(1, counters.find(':') - 1));
}

int priority_of(std::string_view table, std::string_view hook)
{
    constexpr std::array<std::pair<std::string_view, int>, 4> tables{
        {{"raw", -300}, {"mangle", -150}, {"filter", 0}, {"security", 50}}};
    for (const auto &[name, priority] : tables)
        if (name == table)
            return priority;
    return hook == "postrouting" || hook == "input" ? 100 : -100; // nat
}

std::optional<ValueRange> number_span(std::string_view text)
{
    const std::size_t colon = text.find(':');
    const auto low = decimal(text.substr(0, colon));
    const auto high = colon == std::string_view::npos ? low : decimal(text.substr(colon + 1));
    if (!low || !high)
        return std::nullopt;
    return number_range(*low, *high);
}

std::optional<ValueRange> network(std::string_view text)
{
    const std::size_t slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    const bool ipv4 = address.find(':') == std::string_view::npos;
    if (slash == std::string_view::npos)
        return prefix_range(address, ipv4 ? 32 : 128);
    const auto length = decimal(text.substr(slash + 1)); // else a mask with holes
    return length ? prefix_range(address, *length) : std::nullopt;
}

std::optional<ValueRange> address_span(std::string_view text)
{
    const std::size_t dash = text.find('-');
    const auto low = rule_address(text.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : rule_address(text.substr(dash + 1));
    if (!low || !high)
        return std::nullopt;
    return ValueRange{*low, *high};
}

std::optional<ValueRange> protocol(std::string_view name)
{
    const auto number = protocol_number(name);
    return number ? std::optional(number_range(*number, *number)) : std::nullopt;
}

std::optional<ValueRange> interface(std::string_view name)
{
    return interface_range(name, '+');
}

std::optional<ValueRange> state(std::string_view name)
{
    const auto bit = conntrack_bit(name);
    return bit ? std::optional(number_range(*bit, *bit)) : std::nullopt;
}

// An option that takes one word, a list of values with commas between them.
struct Option {
    std::string_view name;
    RuleField field;
    std::optional<ValueRange> (*read)(std::string_view);
};
constexpr std::array options{
    Option{"-s", RuleField::SourceAddress, network},
    Option{"-d", RuleField::DestinationAddress, network},
    Option{"-i", RuleField::InInterface, interface},
    Option{"-o", RuleField::OutInterface, interface},
    Option{"-p", RuleField::Protocol, protocol},
    Option{"--sport", RuleField::SourcePort, number_span},
    Option{"--dport", RuleField::DestinationPort, number_span},
    Option{"--sports", RuleField::SourcePort, number_span},
    Option{"--dports", RuleField::DestinationPort, number_span},
    Option{"--ctstate", RuleField::ConntrackState, state},
    Option{"--state", RuleField::ConntrackState, state},
    Option{"--src-range", RuleField::SourceAddress, address_span},
    Option{"--dst-range", RuleField::DestinationAddress, address_span},
    Option{"--length", RuleField::Length, number_span},
};

RuleCondition value_condition(const Option &option, std::string_view list, bool negated)
{
    auto set = std::make_shared<ValueSet>();
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (const auto range = option.read(list.substr(0, comma)))
            set->elements.push_back({{*range}});
        else
            set->unsure = true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return {{option.field}, std::move(set), std::nullopt, negated};
}

std::optional<std::uint64_t> flags_of(std::string_view list)
{
    if (list == "NONE")
        return 0;
    std::uint64_t bits = 0;
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const auto bit = tcp_flag_bit(list.substr(0, comma));
        if (!bit)
            return std::nullopt;
        bits |= *bit;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return bits;
}

RuleCondition unknown()
{
    return {{RuleField::Unknown}, std::make_shared<ValueSet>()};
}

RuleCondition flags_condition(std::string_view mask, std::string_view wanted, bool negated)
{
    const auto mask_bits = flags_of(mask);
    const auto bits = flags_of(wanted);
    if (!mask_bits || !bits)
        return unknown();
    auto set = std::make_shared<ValueSet>();
    set->elements.push_back({{number_range(*bits, *bits)}});
    return {{RuleField::TcpFlags}, std::move(set), rule_number(*mask_bits), negated};
}

using ChainIndex = std::map<std::string, std::size_t>; // of one table, by name

RuleVerdict target_verdict(const std::string &name, const ChainIndex &user_chains)
{
    constexpr std::array<std::pair<std::string_view, RuleAction>, 9> targets{{
        {"ACCEPT", RuleAction::Accept},
        {"DROP", RuleAction::Drop},
        {"REJECT", RuleAction::Reject},
        {"RETURN", RuleAction::Return},
        {"DNAT", RuleAction::Accept},
        {"SNAT", RuleAction::Accept},
        {"MASQUERADE", RuleAction::Accept},
        {"REDIRECT", RuleAction::Accept},
        {"NETMAP", RuleAction::Accept},
    }};
    constexpr std::array<std::string_view, 21> goes_on{
        "LOG", "NFLOG", "ULOG", "MARK",     "CONNMARK", "CT",          "NOTRACK",
        "TOS", "DSCP",  "SET",  "CLASSIFY", "TRACE",    "TCPMSS",      "TCPOPTSTRIP",
        "TTL", "HL",    "TEE",  "CHECKSUM", "AUDIT",    "CONNSECMARK", "SECMARK"};
    const auto found = std::ranges::find(targets, name, &decltype(targets)::value_type::first);
    if (found != targets.end())
        return {found->second};
    if (user_chains.contains(name))
        return {RuleAction::Jump, name};
    const bool on = std::ranges::find(goes_on, name) != goes_on.end();
    return {on ? RuleAction::None : RuleAction::Leave};
}

// A match without options of its own asks nothing, but for these.
bool asks_by_name(std::string_view match)
{
    return match == "socket" || match == "rpfilter" || match == "unclean";
}

// One rule: "-A CHAIN" is gone from `words`. iptables-save writes all matches before the target.
Rule read_rule(const Words &words, const ChainIndex &user_chains)
{
    Rule rule;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool negated = words[i] == "!" && i + 1 < words.size();
        const std::string &name = words[negated ? ++i : i];
        const auto next = [&] { return i + 1 < words.size() ? words[++i] : std::string(); };
        const auto option = std::ranges::find(options, name, &Option::name);
        if (name == "-j" || name == "-g") {
            rule.verdict = target_verdict(next(), user_chains);
            if (name == "-g" && rule.verdict.action == RuleAction::Jump)
                rule.verdict.action = RuleAction::Goto;
            break; // what follows are the target's options
        }
        if (option != options.end()) {
            rule.conditions.push_back(value_condition(*option, next(), negated));
        } else if (name == "--tcp-flags") {
            const std::string mask = next();
            rule.conditions.push_back(flags_condition(mask, next(), negated));
        } else if (name == "--comment") {
            rule.comment += (rule.comment.empty() ? "" : "; ") + next(); // Calico writes two
        } else if (name == "-m") {
            if (asks_by_name(next()))
                rule.conditions.push_back(unknown());
        } else if (name.starts_with('-')) {
            rule.conditions.push_back(unknown());
        } // else a word of an option we do not know
    }
    return rule;
}

class Save {
public:
    Save(std::string_view text, const std::string &family) : family_(family)
    {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            take(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    IptablesSave save;

private:
    void take(std::string_view line)
    {
        if (line.starts_with("# Generated by"))
            save.of_nftables |= line.find("(nf_tables)") != std::string_view::npos;
        else if (line.starts_with('*'))
            begin_table(line.substr(1));
        else if (line.starts_with(':'))
            take_chain(words_of(line.substr(1)));
        else if (line.starts_with('[') || line.starts_with("-A "))
            take_rule(line);
    }

    void begin_table(std::string_view name)
    {
        table_ = name;
        base_chains_.clear();
        user_chains_.clear();
    }

    void take_chain(const Words &words) // INPUT ACCEPT [0:0]
    {
        if (words.size() < 2)
            return;
        Chain chain{RuleSource::IptablesLegacy, family_, table_, words[0]};
        if (words[1] == "-") {
            user_chains_[words[0]] = save.chains.size();
        } else {
            base_chains_[words[0]] = save.chains.size();
            std::string hook = words[0];
            for (char &c : hook)
                c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
            chain.base = BaseChain{hook, priority_of(table_, hook), words[1] == "DROP"};
            if (words.size() > 2)
                chain.base->policy_packets = packets_in(words[2]);
        }
        save.chains.push_back(std::move(chain));
    }

    void take_rule(std::string_view line) // [0:0] -A INPUT ...
    {
        std::optional<std::uint64_t> packets;
        if (line.starts_with('[')) {
            packets = packets_in(line);
            line.remove_prefix(std::min(line.find("-A "), line.size()));
        }
        Words words = words_of(line);
        if (words.size() < 2)
            return;
        auto chain = user_chains_.find(words[1]);
        if (chain == user_chains_.end() &&
            (chain = base_chains_.find(words[1])) == base_chains_.end())
            return;
        if (++rules_ > rules_max) {
            save.whole = false;
            return;
        }
        words.erase(words.begin(), words.begin() + 2);
        Rule rule = read_rule(words, user_chains_);
        rule.packets = packets;
        rule.counts_matches = packets.has_value();
        rule.text = line;
        save.chains[chain->second].rules.push_back(std::move(rule));
    }

    std::string family_;
    std::string table_;
    std::size_t rules_ = 0;
    ChainIndex base_chains_;
    ChainIndex user_chains_;
};

} // namespace

IptablesSave parse_iptables_save(std::string_view text, const std::string &family)
{
    return std::move(Save(text, family).save);
}

} // namespace tcptrace
