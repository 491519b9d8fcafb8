# SPDX-License-Identifier: Apache-2.0
"""SYNs and SYN-ACKs dropped silently: by rules at each hook, by tc, by XDP, by the network."""

import subprocess

from lab.faults.fault import PORT, Fault, Ruled

REPEATED = (("client", "TcpExtTCPSynRetrans"),)


class Unanswered(Ruled):
    """A server that would answer; a client that gives up after some seconds."""

    moved = REPEATED

    def prepare(self):
        self.serve()
        self.block()

    def block(self):
        raise NotImplementedError

    def play(self):
        self.open()


class SynDrop(Unanswered):
    """the server's firewall drops SYNs silently"""

    name = "syn-drop"

    def block(self):
        self.lab.server.drop("input", f"tcp dport {PORT} counter drop")

    def play(self):
        self.open(5)


class SynDropRouter(Unanswered):
    """a router on the way drops SYNs silently"""

    name = "syn-drop-router"
    ruled = "router"

    def block(self):
        self.lab.router.drop("forward", f"tcp dport {PORT} counter drop comment \"no databases\"")


class SynDropOutput(Unanswered):
    """the client's own firewall drops SYNs on their way out: no capture shows them"""

    name = "syn-drop-output"
    ruled = "client"
    moved = REPEATED + (("client", "TcpExtTCPRetransFail"),)

    def block(self):
        self.lab.client.drop("output", f"tcp dport {PORT} counter drop")


class SynDropPolicy(Unanswered):
    """no rule of the server's firewall allows the port, and its policy is to drop"""

    name = "syn-drop-policy"

    def block(self):
        self.lab.server.drop("input", "policy drop; meta l4proto { icmp, ipv6-icmp } accept\n"
                                      f"tcp dport {PORT} counter\ntcp dport 22 accept")


class SynDropNetdev(Unanswered):
    """the server drops SYNs where they enter its interface (nftables, netdev ingress)"""

    name = "syn-drop-netdev"

    def block(self):
        self.lab.server.nft(f"""
            table netdev lab {{
                chain entry {{
                    type filter hook ingress device eth0 priority 0
                    tcp dport {PORT} counter drop
                }}
            }}""")


class SynDropUncounted(Unanswered):
    """a router drops SYNs by one of many rules, and none has a counter"""

    name = "syn-drop-uncounted"
    ruled = "router"

    def block(self):
        others = "\n".join(f"tcp dport {port} drop" for port in range(9000, 9040))
        self.lab.router.drop("forward", f"tcp dport 1-1023 drop\n{others}\n"
                                        f"tcp dport {PORT} drop\nmeta l4proto tcp counter")

    def missing(self):
        counted = self.lab.router.rule_packets()
        return [f"{counted} segments passed the rule"] if counted else Fault.missing(self)


class ByIptables(Unanswered):
    """One rule of iptables."""

    host, kind, rule = "server", "nft", ""

    def block(self):
        getattr(self.lab, self.host).iptables(self.kind, self.rule)

    def missing(self):
        return Fault.missing(self)


class SynDropIptables(ByIptables):
    """a router drops SYNs by iptables (nf_tables underneath), with a comment"""

    name = "syn-drop-iptables"
    host, rule = "router", (f"-A FORWARD -p tcp --dport {PORT} -m comment --comment "
                            "policy:production/deny-all -j DROP")


class SynDropLegacy(ByIptables):
    """the server drops SYNs by iptables-legacy"""

    name = "syn-drop-legacy"
    kind, rule = "legacy", f"-A INPUT -p tcp --dport {PORT} -j DROP"


class SynDropRaw(ByIptables):
    """the server drops SYNs by iptables-legacy before connections are tracked (raw)"""

    name = "syn-drop-raw"
    kind, rule = "legacy", f"-t raw -A PREROUTING -p tcp --dport {PORT} -j DROP"


class ByTc(Unanswered):
    """A classic BPF filter at tc, as `tcpdump -ddd` writes it, whose "2" is TC_ACT_SHOT."""

    host, way = "server", "ingress"

    def block(self):
        code = subprocess.run(["tcpdump", "-ddd", "-y", "EN10MB", "-s", "2",
                               f"tcp dst port {PORT}"], check=True, capture_output=True, text=True)
        host = getattr(self.lab, self.host)
        host.run("tc qdisc add dev eth0 clsact")
        host.run(["tc", "filter", "add", "dev", "eth0", self.way, "bpf", "da", "bytecode",
                  ",".join(code.stdout.split("\n"))])

    def missing(self):
        return Fault.missing(self)


class SynDropTcIngress(ByTc):
    """a tc filter of the server drops SYNs where they enter"""

    name = "syn-drop-tc-ingress"


class SynDropTcEgress(ByTc):
    """a tc filter of the client drops SYNs where they would leave"""

    name = "syn-drop-tc-egress"
    host, way = "client", "egress"
    moved = REPEATED + (("client", "TcpExtTCPRetransFail"),)


class SynDropXdp(Unanswered):
    """an XDP program of the server drops SYNs"""

    name = "syn-drop-xdp"

    def block(self):
        self.lab.server.serve("xdp-drop", "eth0", PORT)

    def missing(self):
        return Fault.missing(self)


class SynackDropRouter(Unanswered):
    """a router on the way back drops SYN-ACKs silently"""

    name = "synack-drop-router"
    ruled = "router"
    moved = REPEATED + (("server", "TcpExtTCPSynRetrans"),)

    def block(self):
        self.lab.router.drop("forward", f"tcp sport {PORT} counter drop")


class SynackDropInput(Unanswered):
    """the client's own firewall drops the SYN-ACKs that come in"""

    name = "synack-drop-input"
    ruled = "client"
    moved = REPEATED + (("server", "TcpExtTCPSynRetrans"),)

    def block(self):
        self.lab.client.drop("input", f"tcp sport {PORT} counter drop")


class OnTheWire(Unanswered):
    """Lost where no kernel sees it."""

    needs = {"wired": True}
    lost = {}

    def block(self):
        self.lab.wire.rules(self.lost)

    def missing(self):
        met = self.lab.wire.rules()
        return Fault.missing(self) + ([] if met[0] else ["the wire dropped nothing"])


class SynLost(OnTheWire):
    """the network loses SYNs; no kernel can say where"""

    name = "syn-lost"
    lost = {"to": "b", "flags": "S", "do": "drop"}


class SynackLost(OnTheWire):
    """the network loses SYN-ACKs; no kernel can say where"""

    name = "synack-lost"
    moved = REPEATED + (("server", "TcpExtTCPSynRetrans"),)
    lost = {"to": "a", "flags": "SA", "do": "drop"}
