# SPDX-License-Identifier: Apache-2.0
"""Tables and queues without room: accept queue, request queue, conntrack, local ports. Most of
these show no drop at all: only counters and sockets tell."""

import time

from lab.faults.fault import PORT, Fault


def hold(lab, connections):
    """As many, open until the lab ends."""
    lab.client.serve("open-many", lab.server_ip, PORT, connections, 60)
    time.sleep(0.5)


class AcceptQueueFull(Fault):
    """the server's program does not accept: the accept queue is full"""

    name = "accept-queue-full"
    connections = 3  # of five: two have room
    moved = (("server", "TcpExtListenOverflows"), ("server", "TcpExtListenDrops"))

    def prepare(self):
        self.lab.server.serve("backlog", self.lab.server_ip, PORT, 1)

    def play(self):
        self.lab.client.call("open-many", self.lab.server_ip, PORT, 5, 4)


class AcceptQueueFullLate(Fault):
    """the accept queue fills between SYN-ACK and ACK: clients believe they are connected"""

    name = "accept-queue-full-late"
    needs = {"wired": True}
    connections = 3  # of four: one has room
    moved = (("server", "TcpExtListenOverflows"), ("server", "TcpExtTCPSynRetrans"))

    def prepare(self):
        self.lab.wire.rules({"do": "delay", "seconds": 0.05})
        self.lab.server.serve("backlog", self.lab.server_ip, PORT, 4)
        # Four of five places are taken before anybody watches.
        hold(self.lab, 4)

    def play(self):
        self.lab.client.call("open-many", self.lab.server_ip, PORT, 4, 5, 0.0005)


class Flooded(Fault):
    """SYNs from many addresses where nobody is, more than the queue of requests holds."""

    cookies, most_requests = 1, 1024

    def prepare(self):
        server, router = self.lab.server, self.lab.router
        server.sysctl(f"net.ipv4.tcp_syncookies={self.cookies}",
                      f"net.ipv4.tcp_max_syn_backlog={self.most_requests}", "net.core.somaxconn=64")
        self.serve()
        router.ip(f"route add blackhole {self.lab.network(66)}")

    def flood(self):
        self.lab.client.call("flood", self.lab.server_ip, PORT, self.lab.address(66, ""), 240)


class SynFlood(Flooded):
    """a SYN flood from many sources; with SYN cookies, clients are served all the same"""

    name = "syn-flood"
    connections = 0  # many
    moved = (("server", "TcpExtTCPReqQFullDoCookies"), ("server", "TcpExtSyncookiesSent"))

    def play(self):
        self.flood()
        self.lab.client.call("get-many", self.lab.server_ip, PORT, 5)
        time.sleep(1)


class SynQueueFull(Flooded):
    """a SYN flood without SYN cookies: the queue of requests is full for everybody"""

    name = "syn-queue-full"
    cookies = 0
    moved = (("server", "TcpExtTCPReqQFullDrop"), ("client", "TcpExtTCPSynRetrans"))
    still = (("server", "TcpExtListenOverflows"),)

    def play(self):
        self.flood()
        self.open(4)


class SynQueueReserved(SynQueueFull):
    """the same where tcp_max_syn_backlog is the limit: its last quarter is kept for known hosts,
    and no counter but ListenDrops tells"""

    name = "syn-queue-reserved"
    most_requests = 64
    moved = (("server", "TcpExtListenDrops"), ("client", "TcpExtTCPSynRetrans"))
    still = (("server", "TcpExtListenOverflows"), ("server", "TcpExtTCPReqQFullDrop"))


class ConntrackFull(Fault):
    """the router's table of connections has no room for another one"""

    name = "conntrack-full"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        self.lab.router.drop("forward", "ct state established,related,new accept")
        self.lab.router.serve("fill-conntrack", 0)

    def play(self):
        self.open(4)

    def missing(self):
        words = self.lab.router.run("cat /proc/net/stat/nf_conntrack").stdout.splitlines()
        at = words[0].split().index("drop")
        dropped = sum(int(line.split()[at], 16) for line in words[1:])
        return super().missing() + ([] if dropped else ["conntrack dropped nothing"])


class PortExhaustion(Fault):
    """the client has no local port left for one more connection to that server"""

    name = "port-exhaustion"
    connections = 6

    def prepare(self):
        self.serve("never_reads")
        self.lab.client.sysctl("net.ipv4.ip_local_port_range=40000 40009")

    def play(self):
        hold(self.lab, 10)
        self.refused = [self.open(2).stderr for _ in range(6)]

    def missing(self):
        return [f"a connect ended with {each!r}" for each in self.refused
                if "Cannot assign requested address" not in each]


class DeferAccept(Fault):
    """no fault: TCP_DEFER_ACCEPT makes the server wait for data, and repeat its SYN-ACK"""

    name = "defer-accept"
    moved = (("server", "TcpExtTCPDeferAcceptDrop"),)

    def prepare(self):
        self.serve(option="defer")

    def play(self):
        self.lab.client.call("open-many", self.lab.server_ip, PORT, 1, 8)
