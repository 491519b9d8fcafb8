// SPDX-License-Identifier: Apache-2.0
// From a ruleset and a packet to the one rule, or to none where it cannot be known.
#include "host/iptables_save.h"
#include "host/nft_json.h"
#include "host/rule_walk.h"
#include "listings.h"
#include "support/dropped_syn.h"

#include <catch2/catch_test_macros.hpp>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

Ruleset rules()
{
    return parse_nft_json(fixture("rules.json")).value();
}

DroppedPacket at(std::string hook, DroppedPacket packet)
{
    packet.hook = std::move(hook);
    return packet;
}

// As an untouched machine: no counters to go by.
std::uint64_t handle_for(const DroppedPacket &packet)
{
    const Ruleset ruleset = rules();
    const auto point = find_drop_point(packet, ruleset, {nullptr, false});
    return point && point->rule ? point->rule->handle : 0;
}

Rule &rule(Ruleset &ruleset, std::uint64_t handle)
{
    for (Chain &chain : ruleset.chains)
        for (Rule &each : chain.rules)
            if (each.handle == handle)
                return each;
    throw std::out_of_range("no such rule");
}

// What is found when the counters of these rules rose by one.
std::optional<DropPoint> found(Ruleset &ruleset, const DroppedPacket &packet,
                               std::initializer_list<std::uint64_t> risen)
{
    const RuleCounters before(ruleset);
    for (const std::uint64_t handle : risen)
        ++rule(ruleset, handle).packets.value();
    return find_drop_point(packet, ruleset, {&before, true});
}

} // namespace

TEST_CASE("rule_walk: a match on the flow names the rule")
{
    CHECK(handle_for(at("input", syn("10.62.7.1", "10.62.1.1", 8080))) == 9); // jump by map
    CHECK(handle_for(at("input", syn("10.62.9.1", "10.62.1.1", 8080))) == 11);
    CHECK(handle_for(at("input", syn("fd62::1", "fd62::2", 9090))) == 12); // goto by map
    CHECK(handle_for(at("input", syn("10.62.1.1", "10.62.1.2", 7005))) == 19);
}

TEST_CASE("rule_walk: a policy is named when no rule took the packet")
{
    const Ruleset ruleset = rules();
    for (const std::uint16_t port : std::initializer_list<std::uint16_t>{444, 7011}) {
        const auto point =
            find_drop_point(at("input", syn("10.62.1.1", "10.62.1.2", port)), ruleset, {});
        REQUIRE(point);
        CHECK(point->rule == nullptr);
        CHECK(point->chain->name == "input");
        CHECK(point->hook == "input");
    }
    // A return from the jump ends at the policy, too; an accepted packet nowhere.
    CHECK(find_drop_point(at("input", syn("10.62.8.1", "10.62.1.2", 8080)), ruleset, {}));
    CHECK_FALSE(find_drop_point(at("input", syn("10.62.1.1", "10.62.1.2", 443)), ruleset, {}));
    CHECK_FALSE(find_drop_point(at("input", syn("10.62.1.1", "10.62.1.2", 22)), ruleset, {}));
}

TEST_CASE("rule_walk: an established packet is not the SYN")
{
    DroppedPacket packet = at("input", syn("10.62.1.1", "10.62.1.2", 7005));
    packet.tcp_flags = TT_ACK;
    packet.conntrack = conntrack_established;
    CHECK(handle_for(packet) == 0); // accepted at the top
    packet.conntrack = conntrack_invalid;
    CHECK(handle_for(packet) == 14);
    packet.conntrack.reset(); // dropped by 14 or by 19
    CHECK(handle_for(packet) == 0);
}

TEST_CASE("rule_walk: what cannot be told leaves several rules, and so none")
{
    CHECK(handle_for(at("forward", syn("10.62.1.1", "10.62.2.2", 81))) == 0); // 21, 22 or 28
    CHECK(handle_for(at("forward", syn("10.62.1.1", "10.62.2.2", 83))) == 0);
}

TEST_CASE("rule_walk: an accept that may have held did not, for the packet died")
{
    DroppedPacket packet = at("forward", syn("10.62.1.1", "10.62.2.2", 82));
    packet.out_interface = "eth0";
    CHECK(handle_for(packet) == 24);
    packet.out_interface = "veth1"; // accepted by 23, it may have died in the later chain
    CHECK(handle_for(packet) == 0);
}

TEST_CASE("rule_walk: the counter that rose tells one from many")
{
    Ruleset ruleset = rules();
    const DroppedPacket packet = at("forward", syn("10.62.1.1", "10.62.2.2", 81));
    auto point = found(ruleset, packet, {22});
    REQUIRE(point);
    CHECK((point->rule->handle == 22 && point->counted));
    CHECK(point->rule->comment == "second");

    // Another's counter, on the way to nothing this packet is, proves nothing.
    point = found(ruleset, packet, {19, 22});
    CHECK((point && point->rule->handle == 22));
}

TEST_CASE("rule_walk: a counter that stood still clears its rule")
{
    Ruleset ruleset = rules();
    DroppedPacket packet = at("input", syn("10.62.1.1", "10.62.1.2", 7005));
    const auto point = found(ruleset, packet, {});
    REQUIRE(point);
    CHECK(point->rule == nullptr); // so it was the policy
    CHECK_FALSE(point->counted);

    packet.count = 3; // of three drops a counter that rose by one did not count all
    CHECK(found(ruleset, packet, {19})->rule == nullptr);
}

TEST_CASE("rule_walk: a counter before a limit does not say that the limit held")
{
    Ruleset ruleset = rules();
    DroppedPacket packet = at("forward", syn("10.62.1.1", "10.62.2.2", 84));
    packet.out_interface = "eth0";
    const auto point = found(ruleset, packet, {27});
    REQUIRE(point);
    CHECK(point->rule->handle == 27); // the only one left
    CHECK_FALSE(point->counted);
}

TEST_CASE("rule_walk: the hook follows from whose the addresses are")
{
    DroppedPacket packet = syn("10.62.1.1", "10.62.2.2", 82);
    packet.out_interface = "eth0";
    CHECK(handle_for(packet) == 0); // input's policy, or forward
    packet.source_is_here = false;
    packet.destination_is_here = false;
    CHECK(handle_for(packet) == 24);
    packet.destination_is_here = true;
    const Ruleset ruleset = rules();
    const auto point = find_drop_point(packet, ruleset, {});
    CHECK((point && point->hook == "input" && point->rule == nullptr));
}

TEST_CASE("rule_walk: the function it died in tells old tables from nftables")
{
    Ruleset ruleset = rules();
    for (Chain &chain :
         parse_iptables_save("*filter\n:INPUT ACCEPT [0:0]\n[0:0] -A INPUT -p tcp -j DROP\n", "ip")
             .chains)
        ruleset.chains.push_back(chain);
    DroppedPacket packet = at("input", syn("10.62.1.1", "10.62.1.2", 7005));
    CHECK_FALSE(find_drop_point(packet, ruleset, {nullptr, false})); // either
    packet.function = "nft_do_chain";
    CHECK(find_drop_point(packet, ruleset, {nullptr, false})->rule->handle == 19);
    packet.function = "nf_hook_slow";
    packet.nftables_frees_itself = true;
    CHECK(find_drop_point(packet, ruleset, {nullptr, false})->chain->source ==
          RuleSource::IptablesLegacy);
}

TEST_CASE("rule_walk: chains that call one another for ever, and far jumps, end")
{
    std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:A - [0:0]\n:B - [0:0]\n"
                       "-A INPUT -j A\n-A A -j B\n-A B -j A\n-A INPUT -j DROP\n";
    Ruleset ruleset{parse_iptables_save(text, "ip").chains};
    const DroppedPacket packet = at("input", syn("10.62.1.1", "10.62.1.2", 1));
    CHECK(find_drop_point(packet, ruleset, {}));

    text = "*filter\n:INPUT DROP [0:0]\n";
    for (int i = 0; i < 1000; ++i)
        text += ":C" + std::to_string(i) + " - [0:0]\n";
    text += "-A INPUT -j C0\n";
    for (int i = 0; i < 999; ++i)
        text += "-A C" + std::to_string(i) + " -j C" + std::to_string(i + 1) + "\n";
    CHECK_FALSE(find_drop_point(packet, {parse_iptables_save(text, "ip").chains}, {}));
}
