# SPDX-License-Identifier: Apache-2.0
"""Fills the connection table of one namespace until it has no room: its limit is one value for
the whole machine, but each namespace is counted for itself, so nobody else is hurt. The entries
go with the namespace. Started by peers.py. Messages: linux/netfilter/nfnetlink_conntrack.h."""

import socket
import struct
import time

NETLINK_NETFILTER = 12
CT_NEW = (1 << 8) | 0                  # NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW
REQUEST_CREATE = 0x1 | 0x400           # NLM_F_REQUEST | NLM_F_CREATE
NESTED = 0x8000
TUPLE_ORIG, TUPLE_REPLY, STATUS, PROTOINFO, TIMEOUT = 1, 2, 3, 4, 7
ASSURED = 0x4 | 0x2 | 0x8              # IPS_ASSURED | IPS_SEEN_REPLY | IPS_CONFIRMED
ESTABLISHED = 3                        # TCP_CONNTRACK_ESTABLISHED
BATCH = 200


def attribute(kind, payload):
    padding = -len(payload) % 4
    return struct.pack("=HH", 4 + len(payload), kind) + payload + bytes(padding)


def flow(source, destination, source_port, port):
    addresses = attribute(1, source) + attribute(2, destination)
    ports = (attribute(1, struct.pack("B", socket.IPPROTO_TCP))
             + attribute(2, struct.pack("!H", source_port)) + attribute(3, struct.pack("!H", port)))
    return attribute(1 | NESTED, addresses) + attribute(2 | NESTED, ports)


REST = (attribute(STATUS, struct.pack("!I", ASSURED)) + attribute(TIMEOUT, struct.pack("!I", 600))
        + attribute(PROTOINFO | NESTED,
                    attribute(1 | NESTED, attribute(1, struct.pack("B", ESTABLISHED)))))


def entry(number):
    """One of 10.200.0.0/16, for that is nowhere in the lab."""
    source = struct.pack("!I", 0x0AC80000 + number // 60000)
    destination, port = struct.pack("!I", 0x0AC90001), 1024 + number % 60000
    body = (struct.pack("!BBH", socket.AF_INET, 0, 0)
            + attribute(TUPLE_ORIG | NESTED, flow(source, destination, port, 80))
            + attribute(TUPLE_REPLY | NESTED, flow(destination, source, 80, port)) + REST)
    return struct.pack("=IHHII", 16 + len(body), CT_NEW, REQUEST_CREATE, number, 0) + body


def value(name):
    with open(f"/proc/sys/net/netfilter/nf_conntrack_{name}", encoding="ascii") as text:
        return int(text.read())


def fill(room="0"):
    """Leaves room for so many."""
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    netlink.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)
    wanted, number = value("max") - int(room), 0
    while (missing := wanted - value("count")) > 0 and number < 2 * value("max"):
        netlink.send(b"".join(entry(number + each) for each in range(min(BATCH, missing))))
        number += min(BATCH, missing)
    print("ready", flush=True)
    time.sleep(60)
