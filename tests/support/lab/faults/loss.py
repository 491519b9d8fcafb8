# SPDX-License-Identifier: Apache-2.0
"""Data that does not arrive: by rules, by queues, by the network, for its size, for ever."""

import time

from lab.faults.fault import PORT, Fault, Ruled


class Loss(Ruled):
    """a router drops every 40th large segment of a download"""

    name = "loss"
    ruled = "router"

    def prepare(self):
        self.serve("bulk")
        self.lab.router.drop("forward", f"tcp sport {PORT} meta length > 1000 "
                                        "numgen inc mod 40 == 7 counter drop")

    def play(self):
        self.lab.client.call("download", self.lab.server_ip, PORT)


class LossOffloads(Ruled):
    """a router drops every 5th large packet of a download, each of many segments at once"""

    name = "loss-offloads"
    ruled = "router"
    needs = {"offloads": True}

    def prepare(self):
        self.serve("bulk")
        self.lab.router.drop("forward", f"tcp sport {PORT} meta length > 1000 "
                                        "numgen inc mod 5 == 3 counter drop")

    def play(self):
        self.lab.client.call("download", self.lab.server_ip, PORT)


class ReceiveBuffer(Fault):
    """the server's socket gives up buffer that it has promised: what comes does not fit in"""

    name = "receive-buffer"
    moved = (("server", "TcpExtTCPRcvQDrop"), ("client", "TcpRetransSegs"))

    def prepare(self):
        self.serve("small_buffer")

    def play(self):
        self.lab.client.call_for(5, "push", self.lab.server_ip, PORT, 500, 60_000)


class LossUpload(Ruled):
    """a router drops every 40th large segment of an upload"""

    name = "loss-upload"
    ruled = "router"

    def prepare(self):
        self.serve("sink")
        self.lab.router.drop("forward", f"tcp dport {PORT} meta length > 1000 "
                                        "numgen inc mod 40 == 7 counter drop")

    def play(self):
        self.lab.client.call("upload", self.lab.server_ip, PORT)


class OnTheWire(Fault):
    """What the wire does with data that pass, once all is prepared."""

    needs = {"wired": True}
    rules = ()
    least_met = 1

    def prepare(self):
        self.serve("bulk")
        self.lab.wire.rules(*self.rules)

    def play(self):
        self.lab.client.call("download", self.lab.server_ip, PORT)

    def missing(self):
        met = self.lab.wire.rules()
        return super().missing() + ([] if min(met) >= self.least_met
                                    else [f"the wire's rules met {met} packets"])


class NetworkLoss(OnTheWire):
    """the network loses 3 % of a download's segments at random"""

    name = "network-loss"
    rules = ({"to": "a", "least": 1000, "share": 0.03, "do": "drop"},)
    moved = (("server", "TcpRetransSegs"),)
    least_met = 20


class NetworkLossUpload(OnTheWire):
    """the network loses 3 % of an upload's segments at random"""

    name = "network-loss-upload"
    rules = ({"to": "b", "least": 1000, "share": 0.03, "do": "drop"},)
    moved = (("client", "TcpRetransSegs"),)
    least_met = 20

    def prepare(self):
        self.serve("sink")
        self.lab.wire.rules(*self.rules)

    def play(self):
        self.lab.client.call("upload", self.lab.server_ip, PORT)


class Delay(OnTheWire):
    """no fault: a network of 40 ms"""

    name = "delay"
    rules = ({"do": "delay", "seconds": 0.02},)


class Reorder(OnTheWire):
    """no fault: the network swaps a few neighbouring segments"""

    name = "reorder"
    rules = ({"to": "a", "least": 1000, "every": 200, "do": "behind", "packets": 1},)


class Overtaken(OnTheWire):
    """no fault: the network lets some segments be overtaken by so many that TCP sends them again
    for nothing"""

    name = "overtaken"
    rules = ({"to": "a", "least": 1000, "every": 25, "do": "behind", "packets": 30},)
    moved = (("server", "TcpExtTCPDSACKRecv"),)


class SynLostOnce(OnTheWire):
    """no fault to report: one SYN is lost, and the next one arrives"""

    name = "syn-lost-once"
    rules = ({"to": "b", "flags": "S", "nth": [1], "do": "drop"},)
    moved = (("client", "TcpExtTCPSynRetrans"),)

    def prepare(self):
        self.serve()
        self.lab.wire.rules(*self.rules)

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT)


class SynackLostOnce(SynLostOnce):
    """no fault to report: one SYN-ACK is lost, and the next one arrives"""

    name = "synack-lost-once"
    rules = ({"to": "a", "flags": "SA", "nth": [1], "do": "drop"},)


class ThirdAckLost(SynLostOnce):
    """no fault to report: the ACK that ends a handshake is lost, and the request does its work"""

    name = "third-ack-lost"
    rules = ({"to": "b", "flags": "A", "without": "SPFR", "nth": [1], "do": "drop"},)
    moved = ()


class OneLoss(OnTheWire):
    """no fault to report: one segment of 1400 is lost"""

    name = "one-loss"
    rules = ({"to": "a", "least": 1000, "nth": [700], "do": "drop"},)


class Duplicates(OnTheWire):
    """no fault: the network doubles a few segments"""

    name = "duplicates"
    rules = ({"to": "a", "least": 1000, "every": 100, "do": "double"},)


class QueueDrop(Fault):
    """the router's interface is shaped to 8 Mbit/s, with little room to wait in"""

    name = "queue-drop"
    moved = (("server", "TcpRetransSegs"),)

    def prepare(self):
        self.serve("bulk")
        self.lab.router.run("tc qdisc add dev eth1 root tbf rate 8mbit burst 4kb limit 8kb")

    def play(self):
        self.lab.client.call("download", self.lab.server_ip, PORT)


class BadChecksum(Fault):
    """SYNs arrive broken: their checksum does not fit"""

    name = "bad-checksum"
    moved = (("server", "TcpInCsumErrors"),)

    def prepare(self):
        self.serve()
        self.lab.server.run("ethtool -K eth0 rx on", check=False)

    def play(self):
        self.lab.client.call("bad-checksum", self.lab.server_ip, PORT, self.lab.client_ip, 5)
        time.sleep(1)


class MtuBlackHole(Ruled):
    """a link behind the router takes 1300 bytes only, and the router's ICMP is filtered"""

    name = "mtu-black-hole"
    ruled = "router"

    def prepare(self):
        self.serve("sink")
        lab = self.lab
        # The server's own interface takes more, or its SYN-ACK would tell the client.
        lab.router.run("ip link set eth2 mtu 1300")
        self.silence()

    def silence(self):
        self.lab.router.drop("output", "icmp type destination-unreachable counter drop\n"
                                       "icmpv6 type packet-too-big counter drop")

    def play(self):
        self.lab.client.call_for(5, "push", self.lab.server_ip, PORT, 500, 30_000)


class PmtudWorks(MtuBlackHole):
    """no fault: a link behind the router takes 1300 bytes only, and the router says so"""

    name = "pmtud-works"

    def silence(self):
        pass

    def play(self):
        self.lab.client.call("upload", self.lab.server_ip, PORT, 100_000)

    def missing(self):
        name = "Icmp6InPktTooBigs" if self.lab.ipv6 else "IcmpInDestUnreachs"
        return [] if self.lab.client.counter(name) else ["no ICMP told the client"]


class MtuBlackHoleWire(OnTheWire):
    """the network swallows packets of more than 1300 bytes without a word"""

    name = "mtu-black-hole-wire"
    rules = ({"to": "b", "least": 1301, "do": "drop"},)
    least_met = 4

    def prepare(self):
        self.serve("sink")
        self.lab.wire.rules(*self.rules)

    def play(self):
        self.lab.client.call_for(5, "push", self.lab.server_ip, PORT, 500, 30_000)


class OnOrder(Fault):
    """A client that exchanges something, and again when it is told to, after `cut`."""

    option = ("none", 0)
    wait = 6.0   # seconds, at most
    says = "x"   # "wait": nothing, and waits

    def prepare(self):
        self.serve()

    def start_client(self):
        return self.lab.client.serve("on-order", self.lab.server_ip, PORT, *self.option)

    def cut(self):
        raise NotImplementedError

    def play(self):
        client = self.start_client()
        time.sleep(0.2)  # the last acknowledgement may be delayed
        self.cut()
        client.stdin.write(f"{self.says}\n")
        client.stdin.flush()
        end = time.monotonic() + self.wait
        while client.poll() is None and time.monotonic() < end:
            time.sleep(0.05)


class BlackHole(OnOrder):
    """the network swallows everything, in the middle of a connection"""

    name = "black-hole"
    needs = {"wired": True}
    moved = (("client", "TcpRetransSegs"),)

    def cut(self):
        self.lab.wire.rules({"do": "drop"})


class BlackHoleRouter(OnOrder, Ruled):
    """a router begins to drop the client's segments in the middle of a connection"""

    name = "black-hole-router"
    ruled = "router"
    moved = (("client", "TcpRetransSegs"),)

    def cut(self):
        self.lab.router.drop("forward", f"tcp dport {PORT} counter drop")


class OneWayCut(BlackHole):
    """the network swallows what the server sends, in the middle of a connection"""

    name = "one-way-cut"

    def cut(self):
        self.lab.wire.rules({"to": "a", "do": "drop"})


class UserTimeout(BlackHole):
    """the network swallows everything, and the client's TCP_USER_TIMEOUT ends the connection"""

    name = "user-timeout"
    option = ("user-timeout", 3000)
    moved = (("client", "TcpExtTCPAbortOnTimeout"),)


class KeepaliveTimeout(BlackHole):
    """the network swallows everything, and keep-alives find out: the client resets"""

    name = "keepalive-timeout"
    option, says, wait = ("keepalive", 0), "wait", 8.0
    moved = (("client", "TcpExtTCPKeepAlive"), ("client", "TcpExtTCPAbortOnTimeout"))
