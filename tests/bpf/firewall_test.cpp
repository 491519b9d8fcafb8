// SPDX-License-Identifier: Apache-2.0
// Real rules in the kernel, real SYNs against them: the rule that dropped each is named. This
// namespace is the router between rules-c and rules-s; the rules are its own.
#include "host/firewall.h"

#include "host/read_ruleset.h"
#include "host/run_program.h"
#include "support/connect_attempt.h"
#include "support/dropped_syn.h"
#include "support/private_netns.h"

#include <catch2/catch_test_macros.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace tcptrace;
using namespace tcptrace::test;
using namespace std::chrono_literals;

namespace {

Deadline in_good_time()
{
    return std::chrono::steady_clock::now() + 60s;
}

std::uint64_t now_ns()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec);
}

const std::string pid = std::to_string(getpid());
const std::string client = "rules-c-" + pid;
const std::string server = "rules-s-" + pid;

// client 10.62.1.2 -- 10.62.1.1 here 10.62.2.1 -- 10.62.2.2 server, fd62:1:: and fd62:2:: alike.
class Router {
public:
    Router()
    {
        connect_to(client, "c", "1");
        connect_to(server, "s", "2");
        must("sysctl -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    }
    ~Router()
    {
        for (const std::string &name : {client, server})
            netns.run("ip netns del " + name);
    }
    Router(const Router &) = delete;
    Router &operator=(const Router &) = delete;

    void must(const std::string &command) const
    {
        INFO(command);
        REQUIRE(netns.run(command));
    }
    void nft(const std::string &rules) const { must("nft '" + rules + "'"); }

    PrivateNetns netns;

private:
    void connect_to(const std::string &name, const std::string &link, const std::string &net)
    {
        const std::string in = "ip -n " + name + " ";
        must("ip netns add " + name);
        must("ip link add r" + link + " type veth peer name " + link + "0 netns " + name);
        must("ip addr add 10.62." + net + ".1/24 dev r" + link);
        must("ip addr add fd62:" + net + "::1/64 dev r" + link + " nodad");
        must("ip link set r" + link + " up");
        must(in + "addr add 10.62." + net + ".2/24 dev " + link + "0");
        must(in + "addr add fd62:" + net + "::2/64 dev " + link + "0 nodad");
        must(in + "link set " + link + "0 up");
        must(in + "route add default via 10.62." + net + ".1");
        must(in + "-6 route add default via fd62:" + net + "::1");
    }
};

// One firewall with its counters read before, SYNs that it stops, and what it says of them.
class Asked {
public:
    explicit Asked(Router &router) : router_(router) { firewall_.note(place_, in_good_time()); }

    FirewallRule about(DroppedPacket packet, const std::string &from = client)
    {
        static std::uint16_t port = 20'000;
        packet.source.port = port++;
        packet.hook.clear();
        const int outcome = connect_attempt(from, packet.source, packet.destination);
        INFO("the SYN's outcome: " << std::strerror(outcome));
        CHECK((outcome == 0 || outcome == ECONNREFUSED || outcome == EHOSTUNREACH ||
               outcome == EACCES));
        outcome_ = outcome;
        packet.first_ns = packet.last_ns = now_ns();
        return about_the_dead(packet);
    }
    FirewallRule about_the_dead(const DroppedPacket &packet)
    {
        const FirewallAnswer answer = firewall_.rule_for(place_, packet, in_good_time());
        CHECK(answer.missing == "");
        REQUIRE(answer.rule);
        CHECK(answer.rule->netns == router_.netns.inode());
        return *answer.rule;
    }
    [[nodiscard]] int outcome() const { return outcome_; }

private:
    Router &router_;
    FirewallPlace place_{router_.netns.inode(), ""};
    Firewall firewall_;
    int outcome_ = 0;
};

DroppedPacket to_here(const std::string &from, const std::string &to, std::uint16_t port)
{
    DroppedPacket packet = syn(from, to, port);
    packet.source_is_here = false;
    packet.destination_is_here = true;
    return packet;
}

DroppedPacket through_here(const std::string &from, const std::string &to, std::uint16_t port)
{
    DroppedPacket packet = to_here(from, to, port);
    packet.destination_is_here = false;
    return packet;
}

DroppedPacket from_here(const std::string &from, const std::string &to, std::uint16_t port)
{
    DroppedPacket packet = syn(from, to, port);
    packet.source_is_here = true;
    packet.destination_is_here = false;
    return packet;
}

std::string listing()
{
    return run_program(program_path("nft"), {"-s", "-a", "list", "ruleset"}, 1 << 20,
                       in_good_time())
        .value();
}

} // namespace

TEST_CASE("firewall: nftables' rules by input, forward and output, IPv4 and IPv6")
{
    Router router;
    router.nft("table inet filter {\n"
               "  set denied { type ipv4_addr; flags interval; elements = { 10.62.1.0/28 }; }\n"
               "  map services { type inet_service : verdict; elements = { 8080 : jump web }; }\n"
               "  chain web {\n"
               "    ip saddr @denied drop comment \"NetworkPolicy prod/deny-web\"\n"
               "    reject with tcp reset\n"
               "  }\n"
               "  chain input { type filter hook input priority 0; policy accept;\n"
               "    tcp dport 81 counter drop\n"
               "    tcp dport vmap @services\n"
               "    tcp dport 82 reject with icmpx admin-prohibited\n"
               "  }\n"
               "  chain forward { type filter hook forward priority 0; policy drop;\n"
               "    ct state established,related accept\n"
               "    ip daddr . tcp dport { 10.62.2.0/24 . 90-99 } counter drop\n"
               "    tcp dport 443 accept\n"
               "  }\n"
               "  chain output { type filter hook output priority 0; tcp dport 83 drop\n }\n"
               "}");
    const std::string before = listing();
    Asked ask(router);

    FirewallRule rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 81));
    CHECK(rule.text == "tcp dport 81 counter drop");
    CHECK((rule.family == "inet" && rule.table == "filter" && rule.chain == "input"));
    CHECK(rule.hook == "input");
    CHECK(rule.counted);
    CHECK(rule.list_it == "nft list chain inet filter input");

    rule = ask.about(to_here("fd62:1::2", "fd62:1::1", 81));
    CHECK((rule.text == "tcp dport 81 counter drop" && rule.counted));

    rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 8080));
    CHECK(ask.outcome() == 0);
    CHECK(rule.text == "ip saddr @denied drop comment \"NetworkPolicy prod/deny-web\"");
    CHECK(rule.comment == "NetworkPolicy prod/deny-web");
    CHECK((rule.chain == "web" && rule.hook == "input" && !rule.counted));

    rule = ask.about(to_here("fd62:1::2", "fd62:1::1", 8080));
    CHECK(ask.outcome() == ECONNREFUSED);
    CHECK(rule.text.ends_with("reject with tcp reset"));

    rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 82));
    CHECK(rule.text.contains("tcp dport 82 reject with icmpx"));

    rule = ask.about(through_here("10.62.1.2", "10.62.2.2", 95));
    CHECK(rule.text.contains("10.62.2.0/24 . 90-99"));
    CHECK((rule.chain == "forward" && rule.counted));

    rule = ask.about(through_here("fd62:1::2", "fd62:2::2", 95));
    CHECK((rule.text == "policy drop" && rule.hook == "forward"));

    rule = ask.about(from_here("10.62.1.1", "10.62.1.2", 83), "");
    CHECK((rule.text == "tcp dport 83 drop" && rule.hook == "output"));

    CHECK(listing() == before);
}

TEST_CASE("firewall: a device's ingress and a bridge-like early hook")
{
    Router router;
    router.nft("table netdev early {\n chain in { type filter hook ingress device rc priority 0; "
               "tcp dport 84 drop\n }\n}\n"
               "table ip raw { chain pre { type filter hook prerouting priority raw; "
               "tcp dport 85 counter drop\n }\n}");
    Asked ask(router);
    FirewallRule rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 84));
    CHECK((rule.family == "netdev" && rule.hook == "ingress" && rule.text == "tcp dport 84 drop"));
    rule = ask.about(through_here("10.62.1.2", "10.62.2.2", 85));
    CHECK((rule.table == "raw" && rule.hook == "prerouting" && rule.counted));
}

TEST_CASE("firewall: rules made by iptables-nft, in its own words")
{
    Router router;
    router.must("iptables-nft -N KUBE-POD-FW");
    router.must("iptables-nft -A FORWARD -d 10.62.2.2 -j KUBE-POD-FW");
    router.must("iptables-nft -A KUBE-POD-FW -p tcp --dport 80 -m comment --comment "
                "'rule to REJECT, NetworkPolicy shop/front' -j REJECT --reject-with tcp-reset");
    router.must("iptables-nft -A INPUT -p tcp -m multiport --dports 81,82 -m conntrack "
                "--ctstate NEW -j DROP");
    router.must("iptables-nft -t raw -A PREROUTING -p tcp --dport 86 -j DROP");
    router.must("ip6tables-nft -P FORWARD DROP");
    const std::string before = listing();
    Asked ask(router);

    FirewallRule rule = ask.about(through_here("10.62.1.2", "10.62.2.2", 80));
    CHECK(ask.outcome() == ECONNREFUSED);
    CHECK(rule.text == "-A KUBE-POD-FW -p tcp -m tcp --dport 80 -m comment --comment \"rule to "
                       "REJECT, NetworkPolicy shop/front\" -j REJECT --reject-with tcp-reset");
    CHECK(rule.comment == "rule to REJECT, NetworkPolicy shop/front");
    CHECK((rule.chain == "KUBE-POD-FW" && rule.hook == "forward" && rule.counted));
    CHECK(rule.list_it == "iptables -S KUBE-POD-FW");

    rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 82));
    CHECK(rule.text == "-A INPUT -p tcp -m multiport --dports 81,82 -m conntrack --ctstate NEW "
                       "-j DROP");
    CHECK(rule.counted);

    rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 86));
    CHECK(rule.list_it == "iptables -t raw -S PREROUTING");

    rule = ask.about(through_here("fd62:1::2", "fd62:2::2", 80));
    CHECK((rule.family == "ip6" && rule.text == "policy drop" && rule.chain == "FORWARD"));
    CHECK(rule.list_it == "ip6tables -S FORWARD");

    CHECK(listing() == before);
}

TEST_CASE("firewall: rules of the old tables")
{
    Router router;
    if (!router.netns.run("iptables-legacy -A INPUT -p tcp --dport 87 -m comment --comment "
                          "'old one' -j DROP"))
        SKIP("this kernel or machine has no iptables-legacy");
    router.must("iptables-legacy -P FORWARD DROP");
    router.must("ip6tables-legacy -A OUTPUT -p tcp --dport 88 -j REJECT");
    router.nft("table inet filter { chain input { type filter hook input priority 5; "
               "tcp dport 87 drop\n }\n}");
    Asked ask(router);

    FirewallRule rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 87));
    CHECK(rule.text ==
          "-A INPUT -p tcp -m tcp --dport 87 -m comment --comment \"old one\" -j DROP");
    CHECK((rule.comment == "old one" && rule.counted && rule.hook == "input"));
    CHECK(rule.list_it == "iptables-legacy -S INPUT");

    rule = ask.about(through_here("10.62.1.2", "10.62.2.2", 87));
    CHECK((rule.text == "policy drop" && rule.chain == "FORWARD" && rule.counted));

    rule = ask.about(from_here("fd62:1::1", "fd62:1::2", 88), "");
    CHECK((rule.family == "ip6" && rule.hook == "output"));
    CHECK(rule.text.ends_with("-j REJECT --reject-with icmp6-port-unreachable"));
}

TEST_CASE("firewall: one of 5,000 rules")
{
    Router router;
    const std::string file = "/tmp/rules-" + pid + ".nft";
    {
        std::ofstream rules(file);
        rules << "table inet big { chain input { type filter hook input priority 0;\n";
        for (int i = 1; i <= 5'000; ++i)
            rules << "tcp dport " << i << " counter drop comment \"KUBE-" << i << "\"\n";
        rules << "}\n}\n";
    }
    router.must("nft -f " + file);
    std::filesystem::remove(file);
    Asked ask(router);
    const FirewallRule rule = ask.about(to_here("10.62.1.2", "10.62.1.1", 2'345));
    CHECK(rule.text == "tcp dport 2345 counter drop comment \"KUBE-2345\"");
    CHECK((rule.comment == "KUBE-2345" && rule.counted));
}

TEST_CASE("firewall: counters read between the first drop and the last hold the first only")
{
    Router router;
    router.nft("table inet t { chain input { type filter hook input priority 0;\n"
               "tcp dport 80 counter drop\n tcp dport 81 counter drop\n }\n }");
    Asked ask(router);
    DroppedPacket packet = to_here("10.62.1.2", "10.62.1.1", 80);
    const std::uint64_t before = now_ns();
    CHECK(ask.about(packet).text == "tcp dport 80 counter drop");
    packet.count = 40;
    packet.first_ns = before;
    packet.last_ns = now_ns();
    CHECK(ask.about_the_dead(packet).text == "tcp dport 80 counter drop");
}

TEST_CASE("firewall: reading makes no tables, and a namespace without rules has no rule")
{
    PrivateNetns netns;
    const auto ruleset = read_ruleset(in_good_time());
    REQUIRE(ruleset);
    CHECK(ruleset->chains.empty());
    CHECK(listing() == "");
    for (const char *names : {"ip_tables_names", "ip6_tables_names"}) {
        std::ifstream made(std::string("/proc/thread-self/net/") + names);
        CHECK(std::string(std::istreambuf_iterator<char>(made), {}) == "");
    }
    Firewall firewall;
    const FirewallPlace place{netns.inode(), ""};
    CHECK_FALSE(firewall.rule_for(place, syn("10.62.1.2", "10.62.1.1", 80), in_good_time()).rule);
}

TEST_CASE("firewall: a name that is a command of nft's is never given to nft")
{
    const Chain chain{RuleSource::Nftables, "inet", "filter", "x; flush ruleset"};
    PrivateNetns netns;
    REQUIRE(netns.run("nft 'table inet filter { chain x { drop\n }\n }'"));
    const std::string before = listing();
    CHECK(nft_rule_text(chain, Rule{.handle = 2}, in_good_time()) == "");
    CHECK(listing() == before);
}
