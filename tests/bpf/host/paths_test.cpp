// SPDX-License-Identifier: Apache-2.0
// What a machine says of the way of a connection: routes and their refusals, neighbours,
// NAT, conntrack, in namespaces of the test.
#include "support/asked_machine.h"

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>

#include <string>
#include <utility>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

EndFacts client_end(AskedMachine &lab, const std::string &source, const std::string &destination)
{
    const auto end = lab.look({endpoint(source, 50000), endpoint(destination, 8080)}).ends[0];
    REQUIRE(end);
    return *end;
}

} // namespace

TEST_CASE("routes: where they lead, and each way of having none")
{
    AskedMachine lab;
    lab.hosts.run(client, "ip route del default; ip -6 route del default;"
                          "ip route add 10.63.2.0/24 via 10.63.1.1;"
                          "ip route add unreachable 10.63.71.0/24;"
                          "ip route add prohibit 10.63.72.0/24;"
                          "ip route add blackhole 10.63.73.0/24;"
                          "ip route add fd63:2::/64 via fd63:1::1;"
                          "ip route add unreachable fd63:71::/64;"
                          "ip route add prohibit fd63:72::/64;"
                          "ip route add blackhole fd63:73::/64");
    const auto route = [&](const char *source, const char *destination) {
        const auto found = client_end(lab, source, destination).route;
        CAPTURE(destination);
        REQUIRE(found);
        return *found;
    };
    const char *v4 = ThreeHosts::client_v4;
    const char *v6 = ThreeHosts::client_v6;

    for (const auto &[source, destination, gateway] :
         {std::tuple{v4, ThreeHosts::server_v4, "10.63.1.1"},
          std::tuple{v6, ThreeHosts::server_v6, "fd63:1::1"}}) {
        const RouteFact led = route(source, destination);
        CHECK(led.kind == RouteKind::Unicast);
        CHECK(led.interface == "v12");
        REQUIRE(led.gateway);
        CHECK(to_string(*led.gateway) == gateway);
    }
    const RouteFact own_link = route(v4, "10.63.1.99");
    CHECK(own_link.kind == RouteKind::Unicast);
    CHECK_FALSE(own_link.gateway);
    CHECK(route(v4, v4).kind == RouteKind::Local);
    CHECK(route(v6, v6).kind == RouteKind::Local);

    CHECK(route(v4, "10.63.70.1").kind == RouteKind::None);
    CHECK(route(v4, "10.63.71.1").kind == RouteKind::Unreachable);
    CHECK(route(v4, "10.63.72.1").kind == RouteKind::Prohibit);
    CHECK(route(v4, "10.63.73.1").kind == RouteKind::Blackhole);
    CHECK(route(v6, "fd63:70::1").kind == RouteKind::None);
    CHECK(route(v6, "fd63:71::1").kind == RouteKind::Unreachable);
    CHECK(route(v6, "fd63:72::1").kind == RouteKind::Prohibit);
    CHECK(route(v6, "fd63:73::1").kind == RouteKind::Blackhole);
}

TEST_CASE("a policy rule by port is followed")
{
    AskedMachine lab;
    lab.hosts.run(client, "ip rule add dport 8080 prohibit");
    CHECK(client_end(lab, ThreeHosts::client_v4, ThreeHosts::server_v4).route->kind ==
          RouteKind::Prohibit);
}

TEST_CASE("no route back: the server's end says so")
{
    AskedMachine lab;
    lab.hosts.run(server, "ip route del default");
    const Connection connection{endpoint(ThreeHosts::client_v4, 50000),
                                endpoint(ThreeHosts::server_v4, 8080)};
    const UniqueFd listener = lab.listening(endpoint("0.0.0.0", 8080));
    const UniqueFd caller = lab.connecting(connection);

    const HostFacts facts = lab.look(connection);
    REQUIRE(facts.ends[1]->route);
    CHECK(facts.ends[1]->route->kind == RouteKind::None);
    CHECK(facts.ends[1]->counters->no_routes_out >= 1);
    CHECK(facts.ends[0]->route->kind == RouteKind::Unicast);
}

TEST_CASE("neighbours")
{
    AskedMachine lab;
    const auto state = [&](const char *source, const char *destination) {
        return client_end(lab, source, destination).neighbour;
    };
    CHECK_FALSE(state(ThreeHosts::client_v4, "10.63.1.98")); // nobody asked for it

    lab.hosts.run(client, "ip neigh add 10.63.1.99 dev v12 nud failed;"
                          "ip neigh add fd63:1::99 dev v12 nud failed;"
                          "ip neigh replace 10.63.1.1 dev v12 lladdr 02:00:00:00:00:01 nud stale");
    for (const auto &[source, dead] : {std::pair{ThreeHosts::client_v4, "10.63.1.99"},
                                       std::pair{ThreeHosts::client_v6, "fd63:1::99"}}) {
        const auto neighbour = state(source, dead);
        REQUIRE(neighbour);
        CHECK(neighbour->state == NeighbourState::Failed);
        CHECK(to_string(neighbour->address) == dead);
        CHECK(neighbour->interface == "v12");
    }
    const auto gateway = state(ThreeHosts::client_v4, ThreeHosts::server_v4);
    REQUIRE(gateway);
    CHECK(gateway->state == NeighbourState::Reachable);
    CHECK(to_string(gateway->address) == "10.63.1.1");

    // Long enough that it still asks when it is looked at.
    lab.hosts.run(client, "sysctl -w net.ipv4.neigh.v12.mcast_solicit=1000");
    const UniqueFd caller =
        lab.connecting({endpoint(ThreeHosts::client_v4, 50000), endpoint("10.63.1.97", 80)});
    const auto asked = state(ThreeHosts::client_v4, "10.63.1.97");
    REQUIRE(asked);
    CHECK(asked->state == NeighbourState::Resolving);
}

TEST_CASE("NAT: from either side both ends are found, and who translates")
{
    AskedMachine lab;
    lab.hosts.run(router,
                  "nft add table ip nat;"
                  "nft add chain ip nat pre \"{ type nat hook prerouting priority -100; }\";"
                  "nft add chain ip nat post \"{ type nat hook postrouting priority 100; }\";"
                  "nft add rule ip nat pre ip daddr 10.63.8.8 tcp dport 80 "
                  "dnat to 10.63.2.2:8080;"
                  "nft add rule ip nat post oifname v21 masquerade");
    const Connection as_client{endpoint(ThreeHosts::client_v4, 50000), endpoint("10.63.8.8", 80)};
    const Connection as_server{endpoint("10.63.2.1", 50000), endpoint(ThreeHosts::server_v4, 8080)};
    const UniqueFd listener = lab.listening(as_server.responder, 3);
    const UniqueFd caller = lab.connecting(as_client);
    REQUIRE(is_connected(caller));

    for (const Connection &asked : {as_client, as_server}) {
        const HostFacts facts = lab.look(asked);
        REQUIRE(facts.ends[0]);
        REQUIRE(facts.ends[1]);
        CHECK(facts.ends[0]->netns == lab.hosts.inode(client));
        CHECK(facts.ends[1]->netns == lab.hosts.inode(server));
        CHECK(facts.ends[0]->known_as.value_or(asked) == as_client);
        CHECK(facts.ends[1]->known_as.value_or(asked) == as_server);
        CHECK(facts.ends[0]->socket);
        CHECK(facts.ends[1]->socket);
        REQUIRE(facts.ends[1]->listeners.size() == 1);
        CHECK(facts.ends[1]->listeners[0].takes_it);

        REQUIRE(facts.between.size() == 1);
        CHECK(facts.between[0].netns == lab.hosts.inode(router));
        REQUIRE(facts.between[0].route);
        CHECK(facts.between[0].route->interface == "v21");
        REQUIRE(facts.between[0].conntrack);
        CHECK(facts.between[0].conntrack->count == 1);
        CHECK(facts.between[0].conntrack->max > 0);
        CHECK(facts.names == std::vector{as_client, as_server});
    }
}

TEST_CASE("a router that was named: its route, and what it found invalid")
{
    AskedMachine lab;
    const Connection connection{endpoint(ThreeHosts::client_v4, 50000),
                                endpoint(ThreeHosts::server_v4, 8080)};
    const UniqueFd listener = lab.listening(connection.responder);
    const UniqueFd caller = lab.connecting(connection);
    REQUIRE(is_connected(caller));
    CHECK(lab.look(connection).between.empty()); // nobody on the way has a word to say

    // A connection from before the tracking, which it may not pick up: invalid.
    lab.hosts.run(router, "nft add table inet filter;"
                          "nft add chain inet filter through "
                          "\"{ type filter hook forward priority 0; }\";"
                          "nft add rule inet filter through ct state invalid drop;"
                          "sysctl -w net.netfilter.nf_conntrack_tcp_loose=0;"
                          "ip route add unreachable 10.63.99.0/24");
    REQUIRE(send(caller.get(), "data", 4, 0) == 4);

    Question named;
    named.on_the_way = {lab.hosts.inode(router), lab.hosts.inode(server), 1, 0};
    const HostFacts facts = lab.look(connection, named);
    REQUIRE(facts.between.size() == 2); // the server is an end; of namespace 1 nothing is known
    CHECK(facts.between[0].netns == lab.hosts.inode(router));
    CHECK(facts.between[0].netns_name == lab.hosts.name(router));
    REQUIRE(facts.between[0].route);
    CHECK(facts.between[0].route->interface == "v21");
    CHECK(facts.between[0].counters);
    REQUIRE(facts.between[0].conntrack);
    CHECK(facts.between[0].conntrack->invalid >= 1);
    CHECK(facts.between[0].conntrack->dropped == 0);
    CHECK(facts.names.empty());
    CHECK_FALSE(facts.between[1].route);
    CHECK_FALSE(facts.between[1].counters);

    const Connection elsewhere{connection.initiator, endpoint("10.63.99.1", 8080)};
    const HostFacts nowhere = lab.look(elsewhere, named);
    REQUIRE_FALSE(nowhere.between.empty());
    REQUIRE(nowhere.between[0].route);
    CHECK(nowhere.between[0].route->kind == RouteKind::Unreachable);
}
