# SPDX-License-Identifier: Apache-2.0
"""Two pods on two nodes, joined by VXLAN: the same faults, with the packets inside of others."""

from lab.faults.fault import PORT, Fault, Ruled


class Overlay(Fault):
    needs = {"overlay": True}


class OverlaySynDrop(Overlay, Ruled):
    """the node of the server's pod drops SYNs that come out of the tunnel"""

    name = "overlay-syn-drop"
    ruled = "far_node"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        self.lab.far_node.drop("forward", f"iif vxlan77 tcp dport {PORT} counter drop "
                                          "comment \"policy:production/deny-all\"")

    def play(self):
        self.open()


class OverlayFiltered(Overlay, Ruled):
    """a firewall between the nodes drops the tunnel's datagrams"""

    name = "overlay-filtered"
    ruled = "router"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        self.lab.router.drop("forward", "udp dport 4789 counter drop")

    def play(self):
        self.open()


class OverlayWrongVni(Overlay):
    """the nodes number their network differently (VNI 77 and 78)"""

    name = "overlay-wrong-vni"
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        lab = self.lab
        # Both know each other already: nobody asks for a neighbour.
        link = lab.far_node.run("ip -o link show vxlan77").stdout
        mac = link.split("link/ether ")[1].split()[0]
        lab.node.ip(f"neigh replace {lab.address(200, 3)} lladdr {mac} dev vxlan77 nud permanent")
        lab.far_node.run("ip link del vxlan77")
        lab.add_tunnel(lab.far_node, 78, lab.address(2, 2), lab.address(1, 2), 2)

    def play(self):
        self.open()


class OverlayClosedPort(Overlay):
    """nothing listens in the server's pod"""

    name = "overlay-closed-port"
    moved = (("server", "TcpOutRsts"),)

    def play(self):
        self.open()


class OverlayMtu(Overlay):
    """the network between the nodes swallows what is longer than 1400 bytes, as a full packet of
    a pod is with the tunnel's headers"""

    name = "overlay-mtu"
    needs = {"overlay": True, "wired": True}
    moved = (("client", "TcpRetransSegs"),)

    def prepare(self):
        self.serve("sink")
        self.lab.wire.rules({"to": "b", "least": 1401, "do": "drop"})

    def play(self):
        self.lab.client.call_for(5, "push", self.lab.server_ip, PORT, 500, 30_000)

    def missing(self):
        met = self.lab.wire.rules()
        return super().missing() + ([] if met[0] else ["the wire dropped nothing"])


class OverlayFine(Overlay):
    """no fault: pods on two nodes talk"""

    name = "overlay-fine"

    def prepare(self):
        self.serve()
        self.serve("bulk", PORT + 1)

    def play(self):
        self.lab.client.call("get-many", self.lab.server_ip, PORT, 20)
        self.lab.client.call("download", self.lab.server_ip, PORT + 1)
