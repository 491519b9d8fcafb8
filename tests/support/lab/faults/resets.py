# SPDX-License-Identifier: Apache-2.0
"""Connections that end by a reset, for whatever reason."""

import signal
import time

from lab.faults.fault import PORT, Fault, Ruled
from lab.faults.loss import OnOrder

RESET = (("server", "TcpOutRsts"),)


class ResetAfterData(Fault):
    """the server aborts in the middle of its answer"""

    name = "reset-after-data"
    moved = RESET + (("server", "TcpExtTCPAbortOnData"),)

    def prepare(self):
        self.serve("abort")

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT, 1, 0.5)


class ClientAborts(Fault):
    """the client aborts after the answer"""

    name = "client-aborts"
    moved = (("client", "TcpOutRsts"), ("client", "TcpExtTCPAbortOnData"))

    def prepare(self):
        self.serve()

    def play(self):
        self.lab.client.call("abort", self.lab.server_ip, PORT)


class AbortAtOnce(Fault):
    """the server accepts and resets before any data"""

    name = "abort-at-once"
    moved = RESET

    def prepare(self):
        self.serve("abort_at_once")

    def play(self):
        self.lab.client.call("wait", self.lab.server_ip, PORT)


class ClientAbortsAtOnce(Fault):
    """the client connects and resets before any data"""

    name = "client-aborts-at-once"
    moved = (("client", "TcpOutRsts"),)

    def prepare(self):
        self.serve()

    def play(self):
        self.lab.client.call("abort-at-once", self.lab.server_ip, PORT)


class SynackThenReset(Fault):
    """a half-open probe: the client's host resets as soon as the SYN-ACK comes"""

    name = "synack-then-reset"
    moved = (("client", "TcpOutRsts"),)

    def prepare(self):
        self.serve()

    def play(self):
        self.lab.client.call("half-open", self.lab.server_ip, PORT, self.lab.client_ip)


class ClientGaveUp(Fault):
    """the SYN-ACK comes after the client lost its patience"""

    name = "client-gave-up"
    needs = {"wired": True}
    moved = (("client", "TcpOutRsts"),)

    def prepare(self):
        self.serve()
        self.lab.wire.rules({"to": "a", "flags": "SA", "do": "delay", "seconds": 1.5})

    def play(self):
        self.open(0.8)
        time.sleep(1.5)


class UnreadClose(Fault):
    """the server closes with a request unread"""

    name = "unread-close"
    moved = RESET + (("server", "TcpExtTCPAbortOnClose"),)

    def prepare(self):
        self.serve("half")

    def play(self):
        client = self.lab.client.serve("on-order", self.lab.server_ip, PORT)
        client.stdin.write("x\n")
        client.stdin.flush()
        client.wait(10)


class ProcessEnds(Fault):
    """The server's process ends with a request unread."""

    signal, end = None, "stay"
    moved = RESET + (("server", "TcpExtTCPAbortOnClose"),)

    def prepare(self):
        self.server = self.lab.server.serve("one-shot", self.lab.server_ip, PORT, self.end)

    def play(self):
        client = self.lab.client.serve("on-order", self.lab.server_ip, PORT)
        client.stdin.write("x\n")
        client.stdin.flush()
        time.sleep(0.3)
        if self.signal:
            self.server.send_signal(self.signal)
        client.wait(10)


class ProcessExits(ProcessEnds):
    """the server's process exits with a request unread"""

    name = "process-exits"
    end = "exit"


class ProcessKilled(ProcessEnds):
    """the server's process is killed (SIGKILL) with a request unread"""

    name = "process-killed"
    signal = signal.SIGKILL


class ProcessCrashes(ProcessEnds):
    """the server's process crashes (SIGSEGV) with a request unread"""

    name = "process-crashes"
    signal = signal.SIGSEGV


class KilledIdle(Fault):
    """no fault of a connection: the server is killed with nothing unread, and the kernel closes"""

    name = "killed-idle"
    still = RESET

    def prepare(self):
        self.server = self.lab.server.serve("one-shot", self.lab.server_ip, PORT, "stay")

    def play(self):
        client = self.lab.client.serve("on-order", self.lab.server_ip, PORT)
        self.server.send_signal(signal.SIGKILL)
        time.sleep(0.5)
        client.stdin.close()
        client.wait(10)


class KilledInQueue(Fault):
    """a server is killed with connections that nobody accepted yet"""

    name = "killed-in-queue"
    moved = RESET

    def prepare(self):
        self.server = self.lab.server.serve("backlog", self.lab.server_ip, PORT, 5)

    def play(self):
        client = self.lab.client.serve("push", self.lab.server_ip, PORT, 100)
        time.sleep(0.2)
        self.server.send_signal(signal.SIGKILL)
        client.wait(10)


class PeerRestarted(OnOrder):
    """the server's host forgot the connection (power cut): the next data meet a reset"""

    name = "peer-restarted"
    moved = RESET
    wait = 3.0

    def prepare(self):
        self.server = self.lab.server.serve("forget", self.lab.server_ip, PORT)

    def cut(self):
        self.server.stdin.write("\n")
        self.server.stdin.flush()
        self.server.stdout.readline()
        time.sleep(0.2)


class FirewallReset(OnOrder, Ruled):
    """the server's firewall begins to reject with a reset in the middle of a connection"""

    name = "firewall-reset"
    wait = 3.0
    still = RESET

    def cut(self):
        self.lab.server.drop("input", f"tcp dport {PORT} counter reject with tcp reset")


class FirewallResetRouter(OnOrder, Ruled):
    """a router's firewall begins to reject with a reset in the middle of a connection"""

    name = "firewall-reset-router"
    ruled = "router"
    wait = 3.0
    still = RESET

    def cut(self):
        self.lab.router.drop("forward", f"tcp dport {PORT} counter reject with tcp reset")


class MiddleboxReset(OnOrder):
    """a box in the network cuts a connection by a reset in the server's name"""

    name = "middlebox-reset"
    needs = {"wired": True}
    wait = 3.0
    still = RESET

    def cut(self):
        self.lab.wire.rules({"to": "b", "flags": "P", "do": "reset"}, {"to": "b", "do": "drop"})

    def missing(self):
        met = self.lab.wire.rules()
        return super().missing() + ([] if met[0] else ["the wire reset nothing"])


class FirewallResetEarly(Ruled):
    """the server's firewall lets the handshake pass and rejects the first data with a reset"""

    name = "firewall-reset-early"
    still = RESET

    def prepare(self):
        self.serve()
        self.lab.server.drop("input", f"tcp dport {PORT} tcp flags & psh == psh counter "
                                      "reject with tcp reset")

    def play(self):
        self.lab.client.call("get", self.lab.server_ip, PORT)


class FirewallResetHandshake(Ruled):
    """the server's firewall lets SYNs pass and rejects the ACK after them with a reset"""

    name = "firewall-reset-handshake"

    def prepare(self):
        self.serve()
        self.lab.server.drop("input", f"tcp dport {PORT} tcp flags != syn counter "
                                      "reject with tcp reset")

    def play(self):
        self.lab.client.call("wait", self.lab.server_ip, PORT)
