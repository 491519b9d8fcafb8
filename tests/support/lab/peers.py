#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The clients of the lab, and the way to start any program that talks there:
`peers.py ROLE ARGUMENTS`. Servers are in servers.py, packets made by hand in raw_packets.py.
Who goes on says "ready" when it has begun. Everything is bounded in time."""

import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from lab import conntrack, raw_packets, servers, wire, xdp  # noqa: E402
from lab.servers import LIMIT, family, read_all, reset  # noqa: E402


def connect(address, port, timeout=LIMIT):
    peer = socket.socket(family(address), socket.SOCK_STREAM)
    peer.settimeout(timeout)
    peer.connect((address, int(port)))
    return peer


def probe(address, port):
    """Any answer at all, also a refusal, says that the host is there."""
    try:
        connect(address, port, 1).close()
    except ConnectionRefusedError:
        pass


def open_one(address, port, seconds="8"):
    connect(address, port, float(seconds)).close()


def open_many(address, port, connections, seconds="8", gap="0.02"):
    """All at once, none waiting for another; held for so long."""
    peers, family_ = [], family(address)
    for _ in range(int(connections)):
        peer = socket.socket(family_, socket.SOCK_STREAM)
        peer.setblocking(False)
        peer.connect_ex((address, int(port)))
        peers.append(peer)
        time.sleep(float(gap))
    print("ready", flush=True)
    time.sleep(float(seconds))
    for peer in peers:
        peer.close()


def wait(address, port):
    """Connects and waits for what comes, saying nothing."""
    connect(address, port).recv(1)


def get(address, port, times="1", pause="0"):
    peer = connect(address, port)
    for _ in range(int(times)):
        peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
        peer.recv(65536)
        time.sleep(float(pause))
    peer.close()


def get_many(address, port, connections):
    for _ in range(int(connections)):
        get(address, port)


def get_from(address, port, source_port, connections):
    """All from one port, which the kernel is told to use again."""
    for _ in range(int(connections)):
        peer = socket.socket(family(address), socket.SOCK_STREAM)
        peer.settimeout(LIMIT)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        peer.bind(("", int(source_port)))
        peer.connect((address, int(port)))
        peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
        peer.recv(65536)
        peer.shutdown(socket.SHUT_WR)
        read_all(peer)
        peer.close()


def download(address, port):
    peer = connect(address, port)
    peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
    print(read_all(peer))


def upload(address, port, size="2000000"):
    """Sends, closes its half, and waits for the other to be done."""
    peer = connect(address, port)
    peer.sendall(b"x" * int(size))
    peer.shutdown(socket.SHUT_WR)
    read_all(peer)
    peer.close()


def push(address, port, *sizes):
    """Sends so many bytes each 0.2 s, and waits for the rest of its time."""
    peer = connect(address, port, LIMIT * 4)
    for size in sizes:
        peer.sendall(b"x" * int(size))
        print("ready", flush=True)
        time.sleep(0.2)
    peer.recv(1)


def small_writes(address, port, rounds):
    """Write, write, read: the second write waits for the acknowledgement of the first (Nagle),
    and that is delayed."""
    peer = connect(address, port)
    for _ in range(int(rounds)):
        peer.send(b"GET / HTTP/1.1\r\n")
        peer.send(b"\r\n")
        peer.recv(65536)
    peer.close()


def abort(address, port):
    """Asks, reads the answer, and resets."""
    peer = connect(address, port)
    peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
    peer.recv(65536)
    time.sleep(0.1)
    reset(peer)


def abort_at_once(address, port):
    peer = connect(address, port)
    time.sleep(0.1)
    reset(peer)


def get_and_leave(address, port):
    """Asks, and closes before the answer comes."""
    peer = connect(address, port)
    peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
    time.sleep(0.1)
    peer.close()


def scan(address, first, amount):
    """Tries one port after another."""
    for port in range(int(first), int(first) + int(amount)):
        try:
            open_one(address, port, 1)
        except OSError:
            pass


def on_order(address, port, option="none", milliseconds="0"):
    """An exchange; says "ready"; another one when a line is read, with what it ended with."""
    peer = connect(address, port, 30)
    if option == "keepalive":
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for which, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1),
                             (socket.TCP_KEEPCNT, 3)):
            peer.setsockopt(socket.IPPROTO_TCP, which, value)
    elif option == "user-timeout":
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(milliseconds))
    peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
    peer.recv(65536)
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            if line.strip() != "wait":
                peer.sendall(line.strip().encode() * 100)
            peer.recv(65536)
            print("fine", flush=True)
        except OSError as error:
            print(error, flush=True)
            return


def mix(address, port, seconds):
    """Healthy traffic of all kinds to the servers of the `healthy` faults, for so long."""
    end = time.monotonic() + float(seconds)
    port = int(port)
    jobs = (lambda: get_many(address, port, 5), lambda: get(address, port, 10, "0.05"),
            lambda: download(address, port + 1), lambda: upload(address, port + 2, 300000),
            lambda: get(address, port + 3), lambda: get(address, port, 2, "1.0"))

    def repeat(job):
        while time.monotonic() < end:
            job()
            time.sleep(0.1)

    threads = [threading.Thread(target=repeat, args=(job,)) for job in jobs]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


ROLES = {
    "serve": servers.serve, "backlog": servers.backlog, "one-shot": servers.one_shot,
    "forget": servers.forget,
    "probe": probe, "open": open_one, "open-many": open_many,
    "wait": wait, "get": get, "get-many": get_many, "get-from": get_from, "download": download,
    "upload": upload, "push": push, "small-writes": small_writes, "abort": abort,
    "abort-at-once": abort_at_once, "get-and-leave": get_and_leave, "scan": scan,
    "on-order": on_order, "mix": mix,
    "half-open": raw_packets.half_open, "flood": raw_packets.flood,
    "bad-checksum": raw_packets.bad_checksum, "fill-conntrack": conntrack.fill,
    "xdp-drop": xdp.drop, "wire": wire.run,
}

if __name__ == "__main__":
    try:
        ROLES[sys.argv[1]](*sys.argv[2:])
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        pass
