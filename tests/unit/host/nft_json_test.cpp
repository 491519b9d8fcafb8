// SPDX-License-Identifier: Apache-2.0
// What nft prints is understood, and what it does not print does no harm.
#include "host/nft_json.h"
#include "host/packet_match.h"
#include "host/rule_walk.h"
#include "listings.h"
#include "support/dropped_syn.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <map>
#include <random>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

std::map<std::uint64_t, Rule> rules_by_handle(const Ruleset &ruleset)
{
    std::map<std::uint64_t, Rule> rules;
    for (const Chain &chain : ruleset.chains)
        for (const Rule &rule : chain.rules)
            if (chain.table == "filter")
                rules[rule.handle] = rule;
    return rules;
}

// By handle, as in fixtures/expressions.json; the rule's text beside it.
using Answers = std::map<std::uint64_t, Truth>;
constexpr Truth yes = Truth::Yes;
constexpr Truth no = Truth::No;
constexpr Truth unknown = Truth::Unknown;

void check(const DroppedPacket &packet, const Answers &answers)
{
    const auto ruleset = parse_nft_json(fixture("expressions.json"));
    REQUIRE(ruleset);
    const auto rules = rules_by_handle(*ruleset);
    for (const auto &[handle, truth] : answers) {
        INFO("handle " << handle);
        REQUIRE(rules.contains(handle));
        CHECK(meets_all(packet, rules.at(handle)) == truth);
    }
}

} // namespace

TEST_CASE("nft_json: each expression against a SYN of IPv4")
{
    DroppedPacket packet = syn("10.1.2.3", "10.0.5.5", 80);
    packet.in_interface = "veth7";
    check(packet, {
                      {8, yes},      // ip saddr @bad
                      {10, unknown}, // meta mark 0x1
                      {11, yes},     // tcp flags syn / syn,ack
                      {12, yes},     // tcp flags syn / syn,rst,ack
                      {13, no},      // tcp flags != syn
                      {15, yes},     // tcp flags { syn | ack, syn }
                      {16, yes},     // tcp flags syn
                      {17, yes},     // tcp flags fin,syn
                      {20, yes},     // ct state new,untracked
                      {21, yes},     // ct state != established
                      {22, no},      // ct state established,related
                      {23, no},      // iifname "lo"
                      {24, yes},     // iifname "veth*"
                      {26, no},      // iifname { "eth*", "lo" }
                      {30, no},      // tcp dport { 1-5, 7, 9000 } limit rate 10/second
                      {31, yes},     // ip saddr . tcp dport @con
                      {35, no},      // ip6 saddr fd00::/8 ...
                      {36, yes},     // ip protocol tcp
                      {37, no},      // meta nfproto ipv6
                      {38, yes},     // meta protocol ip
                      {39, no},      // ether type ip6
                      {40, yes},     // ip daddr != 10.1.0.0/16 tcp sport 1024 .. 1999
                      {42, unknown}, // ip saddr @dyn
                      {43, unknown}, // numgen random mod 10 < 3
                      {44, unknown}, // quota over 10 mbytes
                      {45, unknown}, // fib daddr type local
                      {46, unknown}, // meta length 100-200
                      {48, unknown}, // ip ttl 3
                      {50, unknown}, // ct mark 1
                      {52, unknown}, // meta skuid 0
                      {53, yes},     // log prefix "x"
                      {54, yes},     // th dport 80
                      {55, yes},     // tcp dport 80 tcp sport 1024-2000 ip saddr ... notrack
                  });
}

TEST_CASE("nft_json: an IPv6 packet meets no rule of IPv4, whatever is negated")
{
    check(syn("fd00::1", "fd00::2", 53), {{8, no},
                                          {31, no},
                                          {36, no},
                                          {38, no},
                                          {40, no},
                                          {35, yes},
                                          {37, yes},
                                          {39, yes},
                                          {42, no}});
}

TEST_CASE("nft_json: what is not known of a packet stays open")
{
    DroppedPacket packet = syn("11.1.2.3", "10.1.5.5", 80);
    packet.conntrack.reset();
    packet.tcp_flags = TT_ACK;
    packet.length = 150;
    check(packet, {{8, no},       // ip saddr @bad
                   {11, no},      // tcp flags syn / syn,ack
                   {16, no},      // tcp flags syn
                   {20, unknown}, // ct state new,untracked
                   {24, unknown}, // iifname "veth*"
                   {31, no},      // ip saddr . tcp dport @con
                   {40, no},      // ip daddr != 10.1.0.0/16
                   {46, yes}});   // meta length 100-200
}

TEST_CASE("nft_json: chains, counters, comments and verdicts")
{
    const auto ruleset = parse_nft_json(fixture("expressions.json"));
    REQUIRE(ruleset);
    const auto rules = rules_by_handle(*ruleset);
    CHECK(rules.at(8).comment == "NetworkPolicy prod/deny-all");
    CHECK(rules.at(8).verdict.action == RuleAction::Drop);
    CHECK_FALSE(rules.at(8).counts_matches); // its counter stands first
    CHECK(rules.at(11).counts_matches);
    CHECK_FALSE(rules.at(30).counts_matches); // the limit stands behind it
    CHECK(rules.at(13).verdict.action == RuleAction::Reject);
    CHECK(rules.at(40).verdict.target == "other");
    REQUIRE(rules.at(28).map);
    CHECK(look_up(syn("10.0.0.1", "10.0.0.2", 8080), *rules.at(28).map).at(0).verdict->target ==
          "web");
    CHECK(look_up(syn("10.0.0.1", "10.0.0.2", 81), *rules.at(33).map).at(0).verdict->action ==
          RuleAction::Goto);
    CHECK(look_up(syn("10.0.0.1", "10.0.0.2", 83), *rules.at(33).map).empty());
    for (const Chain &chain : ruleset->chains) {
        if (chain.name == "input")
            CHECK((chain.base && chain.base->hook == "input" && chain.base->drops));
        if (chain.name == "ing")
            CHECK((chain.base && chain.base->hook == "ingress" && chain.family == "netdev"));
        if (chain.name == "web")
            CHECK_FALSE(chain.base);
    }
}

TEST_CASE("nft_json: flags as older and newer versions nest them")
{
    const std::string mask =
        GENERATE(R"(["fin","syn","rst","ack"])", R"({"|":["fin","syn","rst","ack"]})",
                 R"({"|":[{"|":[{"|":["fin","syn"]},"rst"]},"ack"]})");
    const auto ruleset = parse_nft_json(
        R"({"nftables":[{"metainfo":{}},{"chain":{"family":"ip","table":"t","name":"c"}},
        {"rule":{"family":"ip","table":"t","chain":"c","handle":1,"expr":[{"match":{"op":"==",
        "left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},)" +
        mask + R"(]},"right":"syn"}},{"drop":null}]}}]})");
    REQUIRE(ruleset);
    DroppedPacket packet = syn("10.0.0.1", "10.0.0.2", 80);
    CHECK(meets_all(packet, ruleset->chains.at(0).rules.at(0)) == yes);
    packet.tcp_flags = TT_SYN | TT_ACK;
    CHECK(meets_all(packet, ruleset->chains.at(0).rules.at(0)) == no);
}

TEST_CASE("nft_json: a set's type as a word, several, or by what it holds")
{
    const std::string type =
        GENERATE(R"(["ipv4_addr","inet_service"])",
                 R"({"typeof":{"concat":[{"payload":{"protocol":"ip","field":"saddr"}},
                                {"payload":{"protocol":"tcp","field":"dport"}}]}})");
    const auto ruleset = parse_nft_json(
        R"({"nftables":[{"metainfo":{}},{"chain":{"family":"ip","table":"t","name":"c"}},
        {"rule":{"family":"ip","table":"t","chain":"c","expr":[{"match":{"op":"==","left":
        {"concat":[{"payload":{"protocol":"ip","field":"saddr"}},
        {"payload":{"protocol":"tcp","field":"dport"}}]},"right":"@s"}}]}},
        {"set":{"family":"ip","table":"t","name":"s","flags":"interval","type":)" +
        type + R"(,"elem":[{"elem":{"val":{"concat":["10.0.0.1",{"range":[80,90]}]},"comment":"x"}}]
        }}]})");
    REQUIRE(ruleset);
    const Rule &rule = ruleset->chains.at(0).rules.at(0);
    CHECK(meets_all(syn("10.0.0.1", "10.0.0.2", 85), rule) == yes);
    CHECK(meets_all(syn("10.0.0.1", "10.0.0.2", 91), rule) == no);
}

TEST_CASE("nft_json: text that nft would not print is an error or is passed over")
{
    CHECK_FALSE(parse_nft_json(""));
    CHECK_FALSE(parse_nft_json("[]"));
    CHECK_FALSE(parse_nft_json("{\"nftables\": [{\"metainfo\": {}}"));
    CHECK_FALSE(parse_nft_json(std::string(200'000, '[')));
    const auto odd = parse_nft_json(R"({"nftables":[{"metainfo":{}},7,null,[],{"chain":null},
        {"chain":{"family":3,"table":"t"}},{"set":{"type":{"typeof":{}},"elem":7,"flags":7}},
        {"rule":{"family":"ip","table":"t","chain":"none","expr":[]}},
        {"chain":{"family":"ip","table":"t","name":"c","hook":"input","prio":1e300}},
        {"rule":{"family":"ip","table":"t","chain":"c","expr":[7,{},{"match":7},{"match":{}},
        {"match":{"op":7,"left":{"&":[{"payload":{}},7]},"right":[[[]]]}},{"vmap":{"key":7}},
        {"vmap":{"key":{"concat":[]},"data":{"set":[[{"concat":[]},{"drop":null}]]}}},
        {"match":{"op":"<","left":{"concat":[{"concat":[1]},{}]},"right":-1}},
        {"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},
        "right":{"prefix":{"addr":"x","len":999}}}},{"counter":[]},{"jump":{}},{"goto":7}]}}]})");
    REQUIRE(odd);
    for (const Chain &chain : odd->chains)
        for (const Rule &rule : chain.rules)
            CHECK(meets_all(syn("10.0.0.1", "10.0.0.2", 80), rule) == unknown);
}

TEST_CASE("nft_json: every cut of a listing is refused, none crashes")
{
    const std::string whole = fixture("rules.json");
    REQUIRE(parse_nft_json(whole));
    for (std::size_t length = 0; length + 2 < whole.size(); length += 31)
        CHECK_FALSE(parse_nft_json(whole.substr(0, length)));
}

TEST_CASE("nft_json: damaged listings are read or refused, and walked")
{
    const std::string whole = fixture("expressions.json");
    std::minstd_rand random(62);
    constexpr std::string_view bytes = "{}[]\",:0-9@|truenul\\\x80\n";
    int read = 0;
    for (int round = 0; round < 300; ++round) {
        std::string text = whole;
        for (int i = 0; i < 3; ++i)
            text[random() % text.size()] = bytes[random() % bytes.size()];
        const auto ruleset = parse_nft_json(text);
        if (!ruleset)
            continue;
        ++read;
        static_cast<void>(find_drop_point(syn("10.1.2.3", "10.0.5.5", 80), *ruleset, {}));
    }
    CHECK(read > 20); // not all fail at the first byte
}

TEST_CASE("nft_json: a ruleset without bound is not read")
{
    std::string text = R"({"nftables":[{"metainfo":{}},{"set":{"family":"ip","table":"t",)"
                       R"("name":"s","type":"inet_service","elem":[1)";
    for (std::size_t i = 0; i <= rules_max; ++i)
        text += ",1";
    const auto ruleset = parse_nft_json(text + "]}}]}");
    REQUIRE_FALSE(ruleset);
    CHECK(ruleset.error().message.contains("more than 100000"));
}
