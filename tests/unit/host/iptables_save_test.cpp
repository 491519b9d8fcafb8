// SPDX-License-Identifier: Apache-2.0
// iptables' own words for its rules are understood as far as a packet shows what they ask.
#include "host/iptables_save.h"
#include "host/packet_match.h"
#include "listings.h"
#include "support/dropped_syn.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

// The only rule of a table in which CHAIN and MORE are chains of the user's.
Rule rule_of(const std::string &words)
{
    const IptablesSave save = parse_iptables_save(
        "*filter\n:INPUT ACCEPT [0:0]\n:MORE - [0:0]\n[7:420] -A INPUT " + words + "\nCOMMIT\n",
        "ip");
    return save.chains.at(0).rules.at(0);
}

Truth asks(const std::string &words, const DroppedPacket &packet)
{
    return meets_all(packet, rule_of(words + " -j DROP"));
}

} // namespace

TEST_CASE("iptables_save: tables, chains, policies and counters")
{
    const IptablesSave save = parse_iptables_save(fixture("iptables.save"), "ip");
    CHECK(save.of_nftables);
    CHECK(save.whole);
    const auto named = [&](std::string_view name) {
        return *std::ranges::find(save.chains, name, &Chain::name);
    };
    CHECK(named("PREROUTING").table == "raw");
    CHECK(named("PREROUTING").base->priority == -300);
    CHECK((named("FORWARD").base->drops && named("FORWARD").base->hook == "forward"));
    CHECK(named("FORWARD").base->policy_packets == 0);
    CHECK(named("FORWARD").rules.size() == 3);
    CHECK_FALSE(named("KUBE-FIREWALL").base);
    CHECK(named("FORWARD").rules[0].comment == "policy \"shop/front\"");
    CHECK(named("FORWARD").rules[0].verdict.action == RuleAction::Reject);
    CHECK(named("FORWARD").rules[1].verdict.action == RuleAction::Goto);
    CHECK(named("KUBE-FIREWALL").rules[0].comment ==
          "kubernetes firewall for dropping marked packets");
}

TEST_CASE("iptables_save: each match")
{
    DroppedPacket packet = syn("10.62.1.3", "10.62.2.2", 8005);
    packet.in_interface = "eth0";
    packet.length = 60;
    CHECK(asks("-s 10.62.1.0/24 ! -d 10.62.1.0/24 -p tcp", packet) == Truth::Yes);
    CHECK(asks("-s 10.62.1.0/255.0.255.0", packet) == Truth::Unknown);
    CHECK(asks("! -p tcp", packet) == Truth::No);
    CHECK(asks("-p udp -m udp --dport 8005", packet) == Truth::No);
    CHECK(asks("-i eth+", packet) == Truth::Yes);
    CHECK(asks("! -i eth+", packet) == Truth::No);
    CHECK(asks("-i lo", packet) == Truth::No);
    CHECK(asks("-o eth1", packet) == Truth::Unknown);
    CHECK(asks("-p tcp -m multiport --dports 80,8000:8010", packet) == Truth::Yes);
    CHECK(asks("-p tcp -m multiport ! --dports 80,8000:8010", packet) == Truth::No);
    CHECK(asks("-p tcp -m tcp --dport 8006:9000", packet) == Truth::No);
    CHECK(asks("-p tcp -m tcp --sport 1500 --tcp-flags FIN,SYN,RST,ACK SYN", packet) == Truth::Yes);
    CHECK(asks("-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE", packet) == Truth::No);
    CHECK(asks("-m conntrack --ctstate NEW,UNTRACKED", packet) == Truth::Yes);
    CHECK(asks("-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT", packet) == Truth::Unknown);
    CHECK(asks("-m state --state INVALID", packet) == Truth::No);
    CHECK(asks("-m iprange --src-range 10.62.1.1-10.62.1.5", packet) == Truth::Yes);
    CHECK(asks("-m length --length 61:65535", packet) == Truth::No);
    CHECK(asks("-m mark --mark 0x1", packet) == Truth::Unknown);
    CHECK(asks("-m set --match-set web dst,dst", packet) == Truth::Unknown);
    CHECK(asks("-m rpfilter", packet) == Truth::Unknown);
    CHECK(asks("-m comment --comment \"-p udp -j ACCEPT\"", packet) == Truth::Yes);
}

TEST_CASE("iptables_save: targets, and their options are no matches")
{
    CHECK(rule_of("-j REJECT --reject-with tcp-reset").verdict.action == RuleAction::Reject);
    CHECK(rule_of("-j MORE").verdict.target == "MORE");
    CHECK(rule_of("-j MORE").verdict.action == RuleAction::Jump);
    CHECK(rule_of("-g MORE").verdict.action == RuleAction::Goto);
    CHECK(rule_of("-j LOG --log-prefix \"-p udp \"").verdict.action == RuleAction::None);
    CHECK(rule_of("-j NFQUEUE --queue-num 1").verdict.action == RuleAction::Leave);
    CHECK(rule_of("-j DNAT --to-destination 10.0.0.1").conditions.empty());
    CHECK(rule_of("-p tcp").verdict.action == RuleAction::None);
    CHECK(rule_of("-p tcp -j DROP").text == "-A INPUT -p tcp -j DROP");
    CHECK(rule_of("-p tcp -j DROP").packets == 7);
    CHECK(rule_of("-m comment --comment \"cali:x\" -m comment --comment \"no policy\" -j DROP")
              .comment == "cali:x; no policy");
}

TEST_CASE("iptables_save: any cut of the text is taken as far as it goes")
{
    const std::string whole = fixture("iptables.save");
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK(parse_iptables_save(whole.substr(0, length), "ip").chains.size() <= 12);
    CHECK(parse_iptables_save("[ -A\n[1 -A \n:\n*\n[:] -A INPUT \"\\", "ip").chains.empty());
}
