// SPDX-License-Identifier: Apache-2.0
// How a rule is shown, and the command that lists it.
#include "host/firewall.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;

namespace {

FirewallRule shown(const Chain &chain, const Rule *rule, std::string netns_name = {})
{
    return describe({7, std::move(netns_name)}, {&chain, rule, "input"}, {});
}

} // namespace

TEST_CASE("describe_rule: odd characters are neither shown nor given to a shell")
{
    const Chain chain{RuleSource::IptablesNft, "ip", "filter", "odd\x1b[1m chain"};
    const Rule rule{.text = "-A X -m comment --comment \"\x1b[2J\xff\" -j DROP"};
    const FirewallRule one = shown(chain, &rule, "web front");
    CHECK(one.text == "-A X -m comment --comment \"?[2J?\" -j DROP");
    CHECK(one.list_it == "ip netns exec 'web front' iptables -S 'odd?[1m chain'");
    CHECK(one.netns == 7);

    const Chain quoted{RuleSource::Nftables, "inet", "it's", "$(reboot)"};
    CHECK(shown(quoted, nullptr).list_it == "nft list chain inet 'it'\\''s' '$(reboot)'");
}

TEST_CASE("describe_rule: each kind of table has its command")
{
    const auto listed = [](RuleSource source, std::string family, std::string table) {
        const Chain chain{source, std::move(family), std::move(table), "INPUT"};
        return shown(chain, nullptr).list_it;
    };
    CHECK(listed(RuleSource::Nftables, "inet", "fw") == "nft list chain inet fw INPUT");
    CHECK(listed(RuleSource::IptablesNft, "ip6", "filter") == "ip6tables -S INPUT");
    CHECK(listed(RuleSource::IptablesLegacy, "ip", "raw") == "iptables-legacy -t raw -S INPUT");
}

TEST_CASE("describe_rule: a rule whose text cannot be had is known by its handle")
{
    const Chain chain{RuleSource::Nftables, "inet", "fw", "no; such"};
    const Rule rule{.handle = 12, .comment = "why"};
    CHECK(shown(chain, &rule).text == "rule with handle 12");
    CHECK(shown(chain, &rule).comment == "why");
    CHECK(shown(chain, nullptr).text == "policy drop");
}
