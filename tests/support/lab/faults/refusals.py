# SPDX-License-Identifier: Apache-2.0
"""Connections that are refused: nobody listens, or a firewall says no."""

from lab.faults.fault import PORT, Fault, Ruled


class Refused(Fault):
    """Another request after the first: one diagnosis of two connections."""

    connections = 2

    def play(self):
        self.open()
        self.open()


class ClosedPort(Fault):
    """nothing listens there"""

    name = "closed-port"
    moved = (("server", "TcpOutRsts"), ("client", "TcpAttemptFails"))

    def play(self):
        self.lab.client.call("open", self.lab.server_ip, PORT)


class ListeningElsewhere(Refused):
    """the server listens on its loopback address only"""

    name = "listening-elsewhere"
    moved = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.serve(address="::1" if self.lab.ipv6 else "127.0.0.1")


class ListeningOnAnother(Refused):
    """the server listens on another of its addresses only"""

    name = "listening-on-another"
    moved = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.lab.add_address(self.lab.server, "eth0", 2, 3)
        self.serve(address=self.lab.address(2, 3))


class Rejected(Ruled):
    """An nftables rule that says no, at a hook of a host."""

    hook, rule = "input", ""
    still = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.serve()
        getattr(self.lab, self.ruled).drop(self.hook, self.rule)

    def play(self):
        self.open()


class RejectReset(Rejected):
    """the server's firewall answers a SYN with a reset"""

    name = "reject-reset"
    rule = f"tcp dport {PORT} counter reject with tcp reset"


class RejectResetRouter(Rejected):
    """a router's firewall answers a SYN with a reset, in the server's name"""

    name = "reject-reset-router"
    ruled, hook, rule = "router", "forward", f"tcp dport {PORT} counter reject with tcp reset"


class RejectResetOutput(Rejected):
    """the client's own firewall answers its SYN with a reset"""

    name = "reject-reset-output"
    ruled, hook, rule = "client", "output", f"tcp dport {PORT} counter reject with tcp reset"


class RejectIcmp(Rejected):
    """the server's firewall answers a SYN with ICMP port unreachable"""

    name = "reject-icmp"
    rule = f"tcp dport {PORT} counter reject"


class RejectIcmpRouter(Rejected):
    """a router's firewall answers a SYN with ICMP administratively prohibited"""

    name = "reject-icmp-router"
    ruled, hook = "router", "forward"
    rule = f"tcp dport {PORT} counter reject with icmpx admin-prohibited"


class RejectIcmpOutput(Rejected):
    """the client's own firewall answers its SYN with ICMP: no capture shows anything"""

    name = "reject-icmp-output"
    ruled, hook, rule = "client", "output", f"tcp dport {PORT} counter reject"


class RejectIptables(Fault):
    """the server's firewall (iptables) answers a SYN with a reset"""

    name = "reject-iptables"
    kind = "nft"
    still = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.serve()
        self.lab.server.iptables(
            self.kind, f"-A INPUT -p tcp --dport {PORT} -j REJECT --reject-with tcp-reset")

    def play(self):
        self.open()

    def missing(self):
        made = self.lab.client.counter("TcpAttemptFails")
        return super().missing() + ([] if made else ["the client was not refused"])


class RejectLegacy(RejectIptables):
    """the server's firewall (iptables-legacy) answers a SYN with a reset"""

    name = "reject-legacy"
    kind = "legacy"
