# SPDX-License-Identifier: Apache-2.0
"""The faults that the lab can make, by name: each is prepared (rules, servers), then played
(traffic). What tcptrace should say of them is in tests/netns."""

PORT = 8080


class Fault:
    """`prepare` before anybody watches, `play` while they do."""

    def __init__(self, lab):
        self.lab = lab

    def prepare(self):
        pass

    def play(self):
        raise NotImplementedError


class SynDrop(Fault):
    """the server's firewall drops SYNs silently"""

    def prepare(self):
        self.lab.server.serve("serve", "answer", self.lab.server_ip, PORT)
        self.lab.server.drop("input", f"tcp dport {PORT} drop")

    def play(self):
        self.lab.client.call("open", self.lab.server_ip, PORT, 5)


class SynDropRouter(SynDrop):
    """a router on the way drops SYNs silently"""

    def prepare(self):
        self.lab.server.serve("serve", "answer", self.lab.server_ip, PORT)
        self.lab.router.drop("forward", f"tcp dport {PORT} drop")


class ClosedPort(Fault):
    """nothing listens there"""

    def play(self):
        self.lab.client.call("open", self.lab.server_ip, PORT)


class Loss(Fault):
    """a router drops every 40th large segment of a download"""

    def prepare(self):
        self.lab.server.serve("serve", "bulk", self.lab.server_ip, PORT)
        self.lab.router.drop(
            "forward", f"tcp sport {PORT} meta length > 1000 numgen inc mod 40 == 7 drop")

    def play(self):
        self.lab.client.call("download", self.lab.server_ip, PORT)


class LossUpload(Fault):
    """a router drops every 40th large segment of an upload"""

    def prepare(self):
        self.lab.server.serve("serve", "sink", self.lab.server_ip, PORT)
        self.lab.router.drop(
            "forward", f"tcp dport {PORT} meta length > 1000 numgen inc mod 40 == 7 drop")

    def play(self):
        self.lab.client.call("upload", self.lab.server_ip, PORT)


class ResetAfterData(Fault):
    """the server aborts in the middle of its answer"""

    def prepare(self):
        self.lab.server.serve("serve", "abort", self.lab.server_ip, PORT)

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT, 3)


class SynackThenReset(Fault):
    """the client's host resets as soon as the SYN-ACK comes"""

    def prepare(self):
        self.lab.server.serve("serve", "answer", self.lab.server_ip, PORT)

    def play(self):
        self.lab.client.call("half-open", self.lab.server_ip, PORT, self.lab.client_ip)


class AbortAtOnce(Fault):
    """the server accepts and resets before any data"""

    def prepare(self):
        self.lab.server.serve("serve", "abort_at_once", self.lab.server_ip, PORT)

    def play(self):
        self.lab.client.call("wait", self.lab.server_ip, PORT)


class ZeroWindow(Fault):
    """the server does not read for three seconds, then reads all"""

    def prepare(self):
        self.lab.server.serve("serve", "sleepy", self.lab.server_ip, PORT)

    def play(self):
        self.lab.client.call("upload", self.lab.server_ip, PORT, 4_000_000)


class Healthy(Fault):
    """no fault: churn, keep-alive, bulk both ways, half-closes, a slow but fine server"""

    def prepare(self):
        for offset, kind in enumerate(("answer", "bulk", "sink", "late")):
            self.lab.server.serve("serve", kind, self.lab.server_ip, PORT + offset)

    def play(self):
        client, server = self.lab.client, self.lab.server_ip
        client.call("get-many", server, PORT, 200)
        client.call("get", server, PORT, 50)
        client.call("download", server, PORT + 1)
        client.call("upload", server, PORT + 2)
        client.call("get", server, PORT + 3, 2)


FAULTS = {"syn-drop": SynDrop, "syn-drop-router": SynDropRouter, "closed-port": ClosedPort,
          "loss": Loss, "loss-upload": LossUpload,
          "reset-after-data": ResetAfterData, "synack-then-reset": SynackThenReset,
          "abort-at-once": AbortAtOnce, "zero-window": ZeroWindow, "healthy": Healthy}
