# SPDX-License-Identifier: Apache-2.0
"""No faults: loads of which nothing is to be said. What is healthy and near a fault (a firewall
that is not met, PMTUD that works, a probe) stands beside that fault."""

import os
import time

from lab.faults.fault import PORT, Fault

# How long `mixed` goes on, in seconds; the acceptance runs take 600.
MIXED = os.environ.get("TCPTRACE_MIX_SECONDS", "10")


class Healthy(Fault):
    """no fault: churn, keep-alive, bulk both ways, half-closes, a slow but fine server"""

    name = "healthy"

    def prepare(self):
        for offset, kind in enumerate(("answer", "bulk", "sink", "late")):
            self.serve(kind, PORT + offset)

    def play(self):
        client, server = self.lab.client, self.lab.server_ip
        client.call("get-many", server, PORT, 200)
        client.call("get", server, PORT, 50)
        client.call("download", server, PORT + 1)
        client.call("upload", server, PORT + 2)
        client.call("get", server, PORT + 3, 2)


class Mixed(Healthy):
    """no fault: churn, keep-alive, bulk, half-closes and idle connections at the same time"""

    name = "mixed"

    def play(self):
        self.lab.client.begin("mix", self.lab.server_ip, PORT, MIXED).wait(float(MIXED) + 60)


class Churn(Fault):
    """no fault: a thousand connections, one after another"""

    name = "churn"
    moved = (("client", "TcpActiveOpens"),)

    def prepare(self):
        self.serve()

    def play(self):
        self.lab.client.call("get-many", self.lab.server_ip, PORT, 1000)


class PortReuse(Fault):
    """no fault: one local port is used again and again, while the server still waits (TIME_WAIT)"""

    name = "port-reuse"

    def prepare(self):
        self.serve()

    def play(self):
        self.lab.client.call("get-from", self.lab.server_ip, PORT, 45678, 30)

    def missing(self):
        opened = self.lab.client.counter("TcpActiveOpens")
        return [] if opened == 30 else [f"{opened} connections were opened"]


class Idle(Fault):
    """no fault: a connection that is idle between its requests"""

    name = "idle"

    def prepare(self):
        self.serve()

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT, 2, 4)


class KeepAlives(Fault):
    """no fault: keep-alives on an idle connection, all answered"""

    name = "keep-alives"
    moved = (("client", "TcpExtTCPKeepAlive"),)

    def prepare(self):
        self.serve()

    def play(self):
        client = self.lab.client.serve("on-order", self.lab.server_ip, PORT, "keepalive")
        time.sleep(4)
        client.stdin.close()
        client.wait(10)


class KeepAliveRace(Fault):
    """no fault: the server closes an idle connection, the client's next request meets a reset"""

    name = "keep-alive-race"
    moved = (("server", "TcpOutRsts"),)

    def prepare(self):
        self.serve("once")

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT, 2, 0.3)


class LateAnswer(Fault):
    """no fault: a client closes before the answer comes, which meets a reset"""

    name = "late-answer"
    moved = (("client", "TcpOutRsts"),)

    def prepare(self):
        self.serve("late")

    def play(self):
        self.lab.client.call("get-and-leave", self.lab.server_ip, PORT)
        time.sleep(0.8)


class PortScan(Fault):
    """no fault: somebody tries one port after another"""

    name = "port-scan"
    moved = (("server", "TcpOutRsts"),)

    def play(self):
        self.lab.client.call("scan", self.lab.server_ip, 9000, 60)


class Offloads(Fault):
    """no fault: a download over interfaces that cut large segments themselves"""

    name = "offloads"
    needs = {"offloads": True}

    def prepare(self):
        self.serve("bulk")

    def play(self):
        self.lab.client.call("download", self.lab.server_ip, PORT)


class Bulk(Fault):
    """no fault: downloads and uploads at the same time"""

    name = "bulk"

    def prepare(self):
        self.serve("bulk")
        self.serve("sink", PORT + 1)

    def play(self):
        for _ in range(3):
            self.lab.client.call("download", self.lab.server_ip, PORT)
            self.lab.client.call("upload", self.lab.server_ip, PORT + 1)
