#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The programs that talk in the lab: `peers.py ROLE ARGUMENTS`. Servers print "ready" when
they listen and run until they are ended. Everything is bounded in time."""

import socket
import struct
import sys
import threading
import time

LIMIT = 15  # seconds for any one wait


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def connect(address, port, timeout=LIMIT):
    peer = socket.socket(family(address), socket.SOCK_STREAM)
    peer.settimeout(timeout)
    peer.connect((address, int(port)))
    return peer


def reset(peer):
    """Closes by a reset (SO_LINGER of 0)."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def read_all(peer):
    total = 0
    while data := peer.recv(65536):
        total += len(data)
    return total


# Servers: what is done with one connection.

def answer(peer, size=500, delay=0.0):
    """An HTTP-like exchange, again and again until the client closes."""
    while peer.recv(65536):
        time.sleep(delay)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * size)


def serve_answer(peer):
    answer(peer)


def serve_late(peer):
    answer(peer, delay=0.5)


def serve_bulk(peer):
    peer.recv(65536)
    peer.sendall(b"x" * 2_000_000)


def serve_sink(peer):
    read_all(peer)
    peer.sendall(b"thanks")


def serve_abort(peer):
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500)
    time.sleep(0.1)
    reset(peer)


def serve_abort_at_once(peer):
    time.sleep(0.1)  # not before the handshake is over at the client
    reset(peer)


def serve_sleepy(peer):
    """Does not read for three seconds, then all of it."""
    time.sleep(3)
    read_all(peer)


def serve(kind, address, port):
    handler = globals()["serve_" + kind]
    listener = socket.create_server((address, int(port)), family=family(address), backlog=512)

    def one(peer):
        peer.settimeout(LIMIT)
        try:
            handler(peer)
        except OSError:
            pass
        finally:
            peer.close()

    print("ready", flush=True)
    while True:
        threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()


# Clients.

def probe(address, port):
    """Any answer at all, also a refusal, says that the host is there."""
    try:
        connect(address, port, 1).close()
    except ConnectionRefusedError:
        pass


def open_one(address, port, seconds="8"):
    connect(address, port, float(seconds)).close()


def wait(address, port):
    """Connects and waits for what comes, saying nothing."""
    connect(address, port).recv(1)


def get(address, port, times="1"):
    peer = connect(address, port)
    for _ in range(int(times)):
        peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
        peer.recv(65536)
    peer.close()


def get_many(address, port, connections):
    for _ in range(int(connections)):
        get(address, port)


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


def half_open(address, port, source):
    """A SYN from a raw socket: the kernel, which has no such socket, resets the answer."""
    raw = socket.socket(family(address), socket.SOCK_RAW, socket.IPPROTO_TCP)
    raw.bind((source, 0))
    if family(address) == socket.AF_INET6:
        raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, 16)
    ports = struct.pack("!HH", 34567, int(port))
    header = ports + struct.pack("!IIBBHHH", 1000, 0, 0x50, 2, 64240, 0, 0)
    if family(address) == socket.AF_INET:
        pseudo = socket.inet_aton(source) + socket.inet_aton(address) + struct.pack("!HH", 6, 20)
        total = sum(struct.unpack("!16H", pseudo + header))
        total = (total >> 16) + (total & 0xFFFF)
        total += total >> 16
        header = header[:16] + struct.pack("!H", ~total & 0xFFFF) + header[18:]
    raw.sendto(header, (address, 0))
    time.sleep(0.3)


CLIENTS = {"probe": probe, "open": open_one, "wait": wait, "get": get, "get-many": get_many,
           "download": download, "upload": upload, "half-open": half_open}

if __name__ == "__main__":
    role, arguments = sys.argv[1], sys.argv[2:]
    try:
        serve(*arguments) if role == "serve" else CLIENTS[role](*arguments)
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        pass
