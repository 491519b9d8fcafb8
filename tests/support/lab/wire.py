# SPDX-License-Identifier: Apache-2.0
"""A wire between two hosts of the lab that loses, delays, doubles and reorders packets, and of
which the kernel knows nothing: two TUN devices in two namespaces, joined by a process.

    peers.py wire NAMESPACE INTERFACE NAMESPACE INTERFACE

says "ready" when the devices are there. Each line of its input is a list of rules (JSON) that
takes the place of the list before, and is answered by a line with the number of packets that
met each rule of that one before. A packet goes by the first rule that it meets:

    to      "a" or "b", the end it goes to                         (any)
    least   bytes of the IP packet, at least                       (any)
    flags   TCP flags that are all set, of "FSRPA"                 (any)
    without TCP flags of which none is set
    nth     the numbers, from 1, of the packets meant among those that fit so far  (all)
    every   each so many-th of them
    share, seed   a random part of them
    do      "drop", "double", "delay" (by `seconds`), "behind" (after the next `packets`),
            "reset" (drop it, and answer its sender by a reset in the receiver's name)
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import time

from lab.raw_packets import reset_for

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}


def tun(namespace, interface):
    """A TUN device in that namespace; it is gone when the process is."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(namespace, "rb") as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", interface.encode(), IFF_TUN | IFF_NO_PI))
    return device


def tcp_flags(packet):
    """None if it is not TCP."""
    if packet[0] >> 4 == 4 and packet[9] == 6:
        at = (packet[0] & 15) * 4
    elif packet[0] >> 4 == 6 and packet[6] == 6:
        at = 40
    else:
        return None
    return packet[at + 13] if len(packet) > at + 13 else None


class Rule:
    def __init__(self, words):
        self.words = words
        self.fitted = self.met = 0
        self.chance = random.Random(words.get("seed", 1))

    def meets(self, packet, to):
        words, flags = self.words, tcp_flags(packet)
        if words.get("to", to) != to or len(packet) < words.get("least", 0):
            return False
        if "flags" in words or "without" in words:
            if flags is None or any(not flags & FLAGS[each] for each in words.get("flags", "")) \
                    or any(flags & FLAGS[each] for each in words.get("without", "")):
                return False
        self.fitted += 1
        meant = ("nth" not in words or self.fitted in words["nth"]) \
            and ("every" not in words or self.fitted % words["every"] == 0) \
            and ("share" not in words or self.chance.random() < words["share"])
        self.met += meant
        return meant


class Joint:
    """Reads both ends, and writes what is due to the other one."""

    def __init__(self, a, b):
        self.ends = {a: ("b", b), b: ("a", a)}
        self.rules = []
        self.due = []     # (time, number, end, packet)
        self.behind = []  # [packets to wait for, end, packet]
        self.number = 0

    def send(self, end, packet, delay=0.0):
        self.number += 1
        heapq.heappush(self.due, (time.monotonic() + delay, self.number, end, packet))

    def take(self, packet, to, end):
        rule = next((each for each in self.rules if each.meets(packet, to)), None)
        what = rule.words["do"] if rule else "send"
        if what == "behind":
            self.behind.append([rule.words.get("packets", 1), end, packet])
            return
        if what == "reset":
            back = next(device for device in self.ends if device != end)
            self.send(back, reset_for(packet))
        elif what != "drop":
            self.send(end, packet, rule.words["seconds"] if what == "delay" else 0.0)
        if what == "double":
            self.send(end, packet)
        for each in [each for each in self.behind if each[1] == end]:
            each[0] -= 1
            if each[0] == 0:
                self.behind.remove(each)
                self.send(end, each[2])

    def flush(self):
        while self.due and self.due[0][0] <= time.monotonic():
            _, _, end, packet = heapq.heappop(self.due)
            try:
                os.write(end, packet)
            except OSError:
                pass  # the device is down

    def replace_rules(self, line):
        met = [rule.met for rule in self.rules]
        self.rules = [Rule(words) for words in json.loads(line)]
        print(json.dumps(met), flush=True)

    def run(self):
        orders = os.fdopen(0, "rb", buffering=0)
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            ready = select.select([orders, *self.ends], [], [], wait)[0]
            if orders in ready:
                line = orders.readline()
                if not line:
                    return
                self.replace_rules(line)
            for device in ready:
                if device in self.ends:
                    try:
                        packet = os.read(device, 65536)
                    except OSError:
                        continue  # the device is down
                    self.take(packet, *self.ends[device])
            self.flush()


def run(self):
        orders = os.fdopen(0, "rb", buffering=0)
        while True:
            wait = max(0.0, self.due[0][0] - time.monotonic()) if self.due else None
            ready = select.select([orders, *self.ends], [], [], wait)[0]
            if orders in ready:
                line = orders.readline()
                if not line:
                    return
                self.replace_rules(line)
            for device in ready:
                if device in self.ends:
                    try:
                        packet = os.read(device, 65536)
                    except OSError:
                        continue  # the device is down
                    self.take(packet, *self.ends[device])
            self.flush()


class Wire:
    """The process, for those who made it."""

    def __init__(self, process):
        self.process = process
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the wire did not start")

    def rules(self, *rules):
        """Sets them; how many packets met those before."""
        self.process.stdin.write(json.dumps(rules) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def run(namespace_a, interface_a, namespace_b, interface_b):
    joint = Joint(tun(namespace_a, interface_a), tun(namespace_b, interface_b))
    print("ready", flush=True)
    joint.run()



