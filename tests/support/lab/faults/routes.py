# SPDX-License-Identifier: Apache-2.0
"""Packets that find no way: hosts that are not there, routes that lead nowhere or back by
another way."""

from lab.faults.fault import PORT, Fault, Ruled


class DeadHost(Fault):
    """nobody has that address on the client's own link"""

    name = "dead-host"

    def play(self):
        self.lab.client.call("open", self.lab.address(1, 99), PORT, 5)

    def ends(self, place):
        return self.lab.client_ip, self.lab.address(1, 99), PORT


class DeadHostRouter(Fault):
    """nobody has that address on the link behind the router"""

    name = "dead-host-router"

    def play(self):
        self.lab.client.call("open", self.lab.address(2, 99), PORT, 5)

    def ends(self, place):
        return self.lab.client_ip, self.lab.address(2, 99), PORT

    def missing(self):
        name = "Icmp6OutDestUnreachs" if self.lab.ipv6 else "IcmpOutDestUnreachs"
        return [] if self.lab.router.counter(name) else ["the router sent no ICMP error"]


class WrongNeighbour(Fault):
    """the router has a wrong hardware address for the server"""

    name = "wrong-neighbour"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        self.lab.router.ip(f"neigh replace {self.lab.server_ip} lladdr 02:de:ad:be:ef:01 dev eth2 "
                           "nud permanent")

    def play(self):
        self.open()


class Route(Fault):
    """A route of a kind at a host to the server's network (at the server: to the client's)."""

    host, kind = "client", ""

    def prepare(self):
        self.serve()
        host, to = getattr(self.lab, self.host), 1 if self.host == "server" else 2
        if self.kind == "none":
            host.ip("route del default" if self.host != "router"
                    else f"route del {self.lab.network(to)}")
        else:
            host.ip(f"route add {self.kind} {self.lab.address(to, 2)}")

    def play(self):
        self.open()


class ClientNoRoute(Route):
    """the client has no route to the server"""

    name = "client-no-route"
    kind = "none"


class ClientUnreachable(Route):
    """a route of the client says that the server is unreachable"""

    name = "client-unreachable"
    kind = "unreachable"


class RouterBlackhole(Route):
    """a route of the router swallows what is for the server"""

    name = "router-blackhole"
    host, kind = "router", "blackhole"
    moved = (("client", "TcpExtTCPSynRetrans"),)


class RouterUnreachable(Route):
    """a route of the router says that the server is unreachable"""

    name = "router-unreachable"
    host, kind = "router", "unreachable"


class RouterProhibit(Route):
    """a route of the router says that the server is prohibited"""

    name = "router-prohibit"
    host, kind = "router", "prohibit"


class RouterNoRoute(Route):
    """the router has no route to the server"""

    name = "router-no-route"
    host, kind = "router", "none"


class NoReturnRoute(Route):
    """the server has no route back to the client"""

    name = "no-return-route"
    host, kind = "server", "none"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def missing(self):
        name = "Ip6OutNoRoutes" if self.lab.ipv6 else "IpOutNoRoutes"
        return super().missing() + ([] if self.lab.server.counter(name)
                                    else [f"{name} did not move"])


class ReversePathFilter(Fault):
    """the server would not reach the client by the way its SYN came (rp_filter, strict)"""

    name = "rp-filter"
    families = (4,)
    moved = (("server", "TcpExtIPReversePathFilter"),)

    def prepare(self):
        self.serve()
        server = self.lab.server
        server.run("ip link add side type veth peer name side1")
        self.lab.add_address(server, "side", 9, 1)
        server.run("ip link set side1 up")
        server.ip(f"route add {self.lab.network(1)} dev side")
        server.sysctl("net.ipv4.conf.all.rp_filter=1", "net.ipv4.conf.eth0.rp_filter=1")

    def play(self):
        self.open()


class TwoWays(Ruled):
    """The server's answers take another way than what comes to it."""

    ruled = "router"

    def prepare(self):
        self.serve()
        client, server = self.lab.client, self.lab.server
        self.lab.join(client, "eth9", server, "eth9", 9)
        server.ip(f"route add {self.lab.network(1)} via {self.lab.address(9, 1)}")
        for host in (client, server):
            host.sysctl("net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth0.rp_filter=0",
                        "net.ipv4.conf.eth9.rp_filter=0")


class Asymmetric(TwoWays):
    """answers take another way, and a stateful firewall that sees one half only drops it"""

    name = "asymmetric"

    def prepare(self):
        super().prepare()
        # Without this it would take up a connection in its middle.
        self.lab.router.sysctl("net.netfilter.nf_conntrack_tcp_loose=0")
        self.lab.router.drop("forward", "ct state invalid counter drop")

    def play(self):
        self.lab.client.call_for(5, "get", self.lab.server_ip, PORT)


class TwoWaysFine(TwoWays):
    """no fault: answers take another way, and all is well"""

    name = "two-ways"

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT, 20)
        self.lab.client.call("get-many", self.lab.server_ip, PORT, 20)

    def missing(self):
        return []
