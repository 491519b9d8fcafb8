# SPDX-License-Identifier: Apache-2.0
"""The servers of the lab: what is done with one connection, and how many are taken. They say
"ready" when they listen and run until they are ended. Started by peers.py."""

import os
import socket
import struct
import sys
import threading
import time

LIMIT = 15  # seconds for any one wait
TCP_REPAIR = 19


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def reset(peer):
    """Closes by a reset (SO_LINGER of 0)."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def read_all(peer):
    total = 0
    while data := peer.recv(65536):
        total += len(data)
    return total


def answer(peer, size=500, delay=0.0):
    """An HTTP-like exchange, again and again until the client closes."""
    while peer.recv(65536):
        time.sleep(delay)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * size)


def serve_answer(peer):
    answer(peer)


def serve_late(peer):
    answer(peer, delay=0.5)


def serve_very_late(peer):
    answer(peer, delay=3)


def serve_bulk(peer):
    peer.recv(65536)
    peer.sendall(b"x" * 2_000_000)


def serve_sink(peer):
    read_all(peer)
    peer.sendall(b"thanks")


def serve_lines(peer):
    """Answers when an empty line ends the request, however many segments it came in."""
    heard = b""
    while data := peer.recv(65536):
        heard += data
        if heard.endswith(b"\r\n\r\n"):
            heard = b""
            peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


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


def serve_never_reads(peer):
    time.sleep(4 * LIMIT)
    peer.close()


def serve_slow_reader(peer):
    """Reads less than is sent, all the time: the window closes and opens."""
    while peer.recv(20_000):
        time.sleep(0.1)


def serve_once(peer):
    """Answers one request and closes; the client may not have heard of it."""
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


def serve_small_buffer(peer):
    """Gives up room that it has promised already, and does not read for a while."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
    time.sleep(3)
    read_all(peer)


def serve_half(peer):
    """Reads the first request, answers, and closes with the second one unread."""
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    time.sleep(0.5)
    peer.close()


def listen(address, port, backlog=512):
    return socket.create_server((address, int(port)), family=family(address), backlog=backlog)


def serve(kind, address, port, option=""):
    handler = globals()["serve_" + kind]
    listener = listen(address, port)
    if option == "defer":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5)

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


def backlog(address, port, places):
    """Listens and never accepts."""
    with listen(address, port, int(places)):
        print("ready", flush=True)
        time.sleep(4 * LIMIT)


def one_shot(address, port, end):
    """Takes one connection, answers its first request, and leaves the next one unread; `exit`
    ends the process then, `stay` waits to be killed."""
    with listen(address, port) as listener:
        print("ready", flush=True)
        peer, _ = listener.accept()
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        time.sleep(1 if end == "exit" else 4 * LIMIT)
        os._exit(3)


def forget(address, port):
    """Answers one request; at the first line it reads forgets the connection as a host does that
    lost its power: the socket goes, and nothing is sent (TCP_REPAIR)."""
    with listen(address, port) as listener:
        print("ready", flush=True)
        peer, _ = listener.accept()
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        sys.stdin.readline()
        peer.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        peer.close()
        print("forgotten", flush=True)
        time.sleep(4 * LIMIT)
