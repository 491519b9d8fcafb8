# SPDX-License-Identifier: Apache-2.0
"""Receivers that do not read, and servers that take their time."""

import time

from lab.faults.fault import PORT, Fault

CLOSED = (("server", "TcpExtTCPToZeroWindowAdv"),)


class ZeroWindow(Fault):
    """the server does not read for three seconds, then reads all"""

    name = "zero-window"
    moved = CLOSED + (("server", "TcpExtTCPFromZeroWindowAdv"),)

    def prepare(self):
        self.serve("sleepy")

    def play(self):
        self.lab.client.call("upload", self.lab.server_ip, PORT, 4_000_000)


class NeverReads(Fault):
    """the server never reads"""

    name = "never-reads"
    moved = CLOSED
    still = (("server", "TcpExtTCPFromZeroWindowAdv"),)

    def prepare(self):
        self.serve("never_reads")

    def play(self):
        self.lab.client.call_for(4, "push", self.lab.server_ip, PORT, 4_000_000)


class SlowReader(Fault):
    """the server reads more slowly than the client sends: its window closes and opens"""

    name = "slow-reader"
    moved = CLOSED + (("server", "TcpExtTCPFromZeroWindowAdv"),)

    def prepare(self):
        self.lab.server.sysctl("net.ipv4.tcp_rmem=4096 32768 32768")
        self.serve("slow_reader")

    def play(self):
        self.lab.client.call_for(6, "push", self.lab.server_ip, PORT, 1_500_000)


class SlowServer(Fault):
    """the server acknowledges a request at once, and answers three seconds later"""

    name = "slow-server"

    def prepare(self):
        self.serve("very_late")

    def play(self):
        start = time.monotonic()
        self.lab.client.call("get", self.lab.server_ip, PORT, 2)
        self.took = time.monotonic() - start

    def missing(self):
        return [] if self.took > 6 else [f"two answers took {self.took:.1f} s"]


class DelayedAck(Fault):
    """write, write, read: each exchange waits 40 ms for a delayed acknowledgement"""

    name = "delayed-ack"
    moved = (("server", "TcpExtDelayedACKs"),)

    def prepare(self):
        self.serve("lines")

    def play(self):
        self.lab.client.call("small-writes", self.lab.server_ip, PORT, 30)
