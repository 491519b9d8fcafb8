# SPDX-License-Identifier: Apache-2.0
"""One address in front of others, as a Kubernetes service has it: the two sides of a connection
have different names for it."""

from lab.faults.fault import PORT, Fault, Ruled

SERVICE = 80  # the port that clients know


class Service(Fault):
    """The router passes what comes to its own address on to the server."""

    def translate(self, port=PORT):
        lab = self.lab
        family = "ip6" if lab.ipv6 else "ip"
        host = f"[{lab.server_ip}]" if lab.ipv6 else lab.server_ip
        lab.router.nft(f"""
            table {family} service {{
                chain enter {{
                    type nat hook prerouting priority dstnat
                    {family} daddr {lab.address(1, 1)} tcp dport {SERVICE} dnat to {host}:{port}
                }}
                chain leave {{
                    type nat hook postrouting priority srcnat
                    oif eth2 masquerade
                }}
            }}""")

    def call(self, *words):
        return self.lab.client.call(words[0], self.lab.address(1, 1), SERVICE, *words[1:])

    def ends(self, place):
        """What the router knows of both sides is one connection, and the client's."""
        if place == "server":
            return self.lab.address(2, 1), self.lab.server_ip, PORT
        return self.lab.client_ip, self.lab.address(1, 1), SERVICE


class DnatRefused(Service):
    """a service's backend listens no longer"""

    name = "dnat-refused"
    moved = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.translate()

    def play(self):
        self.call("open", 3)


class DnatTimeout(Service, Ruled):
    """a service's backend drops SYNs by its firewall"""

    name = "dnat-timeout"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        self.lab.server.drop("input", f"tcp dport {PORT} counter drop")
        self.translate()

    def play(self):
        self.call("open", 3.5)


class DnatReset(Service):
    """a service's backend aborts in the middle of its answer"""

    name = "dnat-reset"
    moved = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.serve("abort")
        self.translate()

    def play(self):
        self.call("get", 1, 0.5)


class DnatFine(Service):
    """no fault: a service, its addresses translated twice"""

    name = "dnat-fine"

    def prepare(self):
        self.serve()
        self.translate()

    def play(self):
        self.call("get", 20)
        self.call("get-many", 20)
