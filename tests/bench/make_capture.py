#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the capture that scripts/bench reads: HTTP connections of ten packets each
(handshake, request, answer in two segments, close), many at a time, Ethernet, IPv4,
snap length 200. Synthetic on purpose: the same bytes on every machine. Not a test."""

import struct
import sys

SNAPLEN = 200
OPEN_AT_ONCE = 500  # connections whose packets are interleaved
FIN, SYN, PSH, ACK = 1, 2, 8, 16
OPTIONS = bytes.fromhex("020405b40402080a00000001000000000103030a")
TIMESTAMPS = bytes.fromhex("0101080a0000000100000001")
REQUEST = b"GET /item HTTP/1.1\r\nHost: server\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 1300

# (from the client?, flags, sequence, acknowledgment, options, payload) relative to the ISNs
STEPS = (
    (True, SYN, 0, 0, OPTIONS, b""),
    (False, SYN | ACK, 0, 1, OPTIONS, b""),
    (True, ACK, 1, 1, TIMESTAMPS, b""),
    (True, PSH | ACK, 1, 1, TIMESTAMPS, REQUEST),
    (False, ACK, 1, 1 + len(REQUEST), TIMESTAMPS, ANSWER),
    (False, PSH | ACK, 1 + len(ANSWER), 1 + len(REQUEST), TIMESTAMPS, ANSWER[:700]),
    (True, ACK, 1 + len(REQUEST), 701 + len(ANSWER), TIMESTAMPS, b""),
    (True, FIN | ACK, 1 + len(REQUEST), 701 + len(ANSWER), TIMESTAMPS, b""),
    (False, FIN | ACK, 701 + len(ANSWER), 2 + len(REQUEST), TIMESTAMPS, b""),
    (True, ACK, 2 + len(REQUEST), 702 + len(ANSWER), TIMESTAMPS, b""),
)


def frame(connection, step):
    from_client, flags, sequence, acknowledgment, options, payload = step
    client = struct.pack("!IH", 0x0A000000 + connection // 50000, 10000 + connection % 50000)
    server = struct.pack("!IH", 0x0A010001 + connection % 16, 80)
    source, destination = (client, server) if from_client else (server, client)
    mine, yours = (connection * 7919 + 1, connection * 104729 + 1)
    if not from_client:
        mine, yours = yours, mine
    length = 20 + 20 + len(options) + len(payload)
    return b"".join((
        b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0",
        struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 1, 0x4000, 64, 6, 0, source[:4],
                    destination[:4]),
        source[4:], destination[4:],
        struct.pack("!IIBBHHH", (mine + sequence) & 0xFFFFFFFF,
                    (yours + acknowledgment) & 0xFFFFFFFF if flags & ACK else 0,
                    (20 + len(options)) // 4 << 4, flags, 502, 0, 0),
        options, payload))


def main():
    path, connections = sys.argv[1], int(sys.argv[2])
    microseconds = 0
    with open(path, "wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, 1))
        for first in range(0, connections, OPEN_AT_ONCE):
            for step in STEPS:
                for connection in range(first, min(first + OPEN_AT_ONCE, connections)):
                    data = frame(connection, step)
                    microseconds += 2
                    out.write(struct.pack("<IIII", 1767225600 + microseconds // 1000000,
                                          microseconds % 1000000, min(len(data), SNAPLEN),
                                          len(data)))
                    out.write(data[:SNAPLEN])


if __name__ == "__main__":
    main()
