// SPDX-License-Identifier: Apache-2.0
#include "host/read_ruleset.h"

#include "host/iptables_save.h"
#include "host/nft_json.h"
#include "host/run_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <initializer_list>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::size_t output_max = 64UL << 20; // 20,000 rules of kube-proxy are 8 MiB

using Name = std::tuple<std::string, std::string, std::string>; // family, table, chain

// Asking for the rules of nf_tables would load it. As a module it has a folder; built in, it
// has only its symbols.
bool nf_tables_is_there()
{
    if (access("/sys/module/nf_tables", F_OK) == 0)
        return true;
    static const bool built_in = [] {
        std::ifstream symbols("/proc/kallsyms");
        for (std::string line; std::getline(symbols, line);)
            if (line.ends_with(" nft_do_chain"))
                return true;
        return false;
    }();
    return built_in;
}

bool has_old_tables(const std::string &family)
{
    std::ifstream names("/proc/thread-self/net/" + family + "_tables_names");
    return names.peek() != std::ifstream::traits_type::eof();
}

void miss(Ruleset &ruleset, const std::string &what)
{
    if (ruleset.missing.empty())
        ruleset.missing = what;
}

void read_nftables(Ruleset &ruleset, Deadline deadline)
{
    const std::string nft = program_path("nft");
    if (nft.empty())
        return miss(ruleset, "nft is not installed: nftables' rules are not known");
    auto text = run_program(nft, {"-j", "-a", "list", "ruleset"}, output_max, deadline);
    auto read = text ? parse_nft_json(*text) : std::unexpected(text.error());
    if (read)
        ruleset.chains = std::move(read->chains);
    else
        miss(ruleset, read.error().message);
}

bool made_by_iptables(const Chain &chain)
{
    constexpr std::array<std::string_view, 5> tables{"filter", "nat", "mangle", "raw", "security"};
    constexpr std::array<std::string_view, 5> chains{"PREROUTING", "INPUT", "FORWARD", "OUTPUT",
                                                     "POSTROUTING"};
    return chain.base && std::ranges::find(tables, chain.table) != tables.end() &&
           std::ranges::find(chains, chain.name) != chains.end();
}

// nft lists what iptables made without saying what its matches compare: that is in iptables'
// own words. The handle and the counter stay nft's.
void put_words(Chain &listed, Chain &&saved)
{
    listed.source = RuleSource::IptablesNft;
    if (listed.rules.size() != saved.rules.size())
        return; // changed between the two readings
    for (std::size_t i = 0; i < listed.rules.size(); ++i) {
        Rule &rule = saved.rules[i];
        rule.handle = listed.rules[i].handle;
        rule.packets = listed.rules[i].packets;
        rule.counts_matches = rule.packets.has_value();
    }
    listed.rules = std::move(saved.rules);
}

void read_words_of_iptables(Ruleset &ruleset, const std::string &family, Deadline deadline)
{
    std::map<Name, Chain *> listed;
    bool any = false;
    for (Chain &chain : ruleset.chains) {
        if (chain.family != family)
            continue;
        listed[{chain.family, chain.table, chain.name}] = &chain;
        any |= made_by_iptables(chain);
    }
    const std::string tool = program_path(family + "tables-nft-save");
    if (!any || tool.empty())
        return;
    const auto text = run_program(tool, {"-c"}, output_max, deadline);
    if (!text)
        return miss(ruleset, text.error().message);
    for (Chain &saved : parse_iptables_save(*text, family).chains) {
        const auto chain = listed.find({saved.family, saved.table, saved.name});
        if (chain != listed.end())
            put_words(*chain->second, std::move(saved));
    }
}

void read_old_tables(Ruleset &ruleset, const std::string &family, Deadline deadline)
{
    if (!has_old_tables(family))
        return;
    for (const char *ending : {"tables-legacy-save", "tables-save"}) {
        const std::string tool = program_path(family + ending);
        if (tool.empty())
            continue;
        const auto text = run_program(tool, {"-c"}, output_max, deadline);
        if (!text)
            return miss(ruleset, text.error().message);
        IptablesSave saved = parse_iptables_save(*text, family);
        if (saved.of_nftables)
            continue; // the plain name is of the other kind
        if (!saved.whole)
            return miss(ruleset, fmt::format("{} lists more than {} rules", tool, rules_max));
        std::ranges::move(saved.chains, std::back_inserter(ruleset.chains));
        return;
    }
    miss(ruleset, family + "tables-legacy is not installed: the old tables' rules are not known");
}

// nft takes its arguments for one text in its language. A name from the kernel can hold
// anything, "; flush ruleset" too; only what nft itself could have named is put there.
bool is_plain_name(std::string_view name)
{
    constexpr std::string_view others = "_-./";
    const auto letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
    return !name.empty() && letter(name.front()) && std::ranges::all_of(name, [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
    });
}

std::string_view trimmed(std::string_view line)
{
    const std::size_t first = line.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

// A rule ends in its handle, and may take several lines before.
std::string find_handle(std::string_view listing, std::uint64_t handle)
{
    const std::string wanted = fmt::format(" # handle {}", handle);
    std::string text;
    while (!listing.empty()) {
        const std::size_t end = std::min(listing.find('\n'), listing.size());
        const std::string_view line = trimmed(listing.substr(0, end));
        listing.remove_prefix(std::min(end + 1, listing.size()));
        if (!text.empty())
            text += ' ';
        text += line;
        const bool opens = line.find("{ # handle ") != std::string_view::npos;
        if (text.ends_with(wanted) && !opens)
            return text.substr(0, text.size() - wanted.size());
        if (line.find(" # handle ") != std::string_view::npos || line.starts_with("type "))
            text.clear();
    }
    return {};
}

} // namespace

Result<Ruleset> read_ruleset(Deadline deadline)
{
    Ruleset ruleset;
    if (nf_tables_is_there())
        read_nftables(ruleset, deadline);
    for (const std::string family : {"ip", "ip6"}) {
        read_words_of_iptables(ruleset, family, deadline);
        read_old_tables(ruleset, family, deadline);
    }
    if (ruleset.chains.empty() && !ruleset.missing.empty())
        return fail(Status::CannotRun, ruleset.missing);
    return ruleset;
}

std::string nft_rule_text(const Chain &chain, const Rule &rule, Deadline deadline)
{
    const std::string nft = program_path("nft");
    if (nft.empty())
        return {};
    for (const std::string *name : {&chain.family, &chain.table, &chain.name})
        if (!is_plain_name(*name))
            return {};
    const auto listing =
        run_program(nft, {"-s", "-a", "list", "chain", chain.family, chain.table, chain.name},
                    output_max, deadline);
    return listing ? find_handle(*listing, rule.handle) : std::string();
}

} // namespace tcptrace
