# SPDX-License-Identifier: Apache-2.0
"""Segments made by hand and sent by a raw socket, for what no stack would send: SYNs of
connections that the sender's kernel knows nothing of. Started by peers.py."""

import socket
import struct
import time

from lab.servers import family

SYN, RST = 2, 4


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(addresses, ports, sequence, flags, window=64240):
    """A bare TCP header; `addresses`: of both ends, as the packet has them."""
    header = struct.pack("!HHIIBBHHH", *ports, sequence, 0, 0x50, flags, window, 0, 0)
    pseudo = addresses + struct.pack("!II", len(header), socket.IPPROTO_TCP)
    return header[:16] + struct.pack("!H", checksum(pseudo + header)) + header[18:]


def syn(source, address, source_port, port):
    which = family(address)
    addresses = socket.inet_pton(which, source) + socket.inet_pton(which, address)
    return segment(addresses, (source_port, int(port)), 1000, SYN)


def reset_for(packet):
    """The IP packet of a reset that its receiver might have sent: of a box on the way, which does
    as if it were the server."""
    ipv6 = packet[0] >> 4 == 6
    at = 40 if ipv6 else (packet[0] & 15) * 4
    source, address = (packet[8:24], packet[24:40]) if ipv6 else (packet[12:16], packet[16:20])
    source_port, port, _, acknowledged = struct.unpack_from("!HHII", packet, at)
    reset = segment(address + source, (port, source_port), acknowledged, RST, 0)
    if ipv6:
        return struct.pack("!IHBB", 6 << 28, len(reset), socket.IPPROTO_TCP, 60) + address \
            + source + reset
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(reset), 0, 0, 60, socket.IPPROTO_TCP, 0)
    total = checksum(head + address + source)
    return head[:10] + struct.pack("!H", total) + address + source + reset


def raw_socket(source, address):
    raw = socket.socket(family(address), socket.SOCK_RAW, socket.IPPROTO_TCP)
    level, transparent = ((socket.IPPROTO_IP, 19) if family(address) == socket.AF_INET
                          else (socket.IPPROTO_IPV6, 75))  # IP_TRANSPARENT, IPV6_TRANSPARENT
    raw.setsockopt(level, transparent, 1)  # whatever the source
    raw.bind((source, 0))
    return raw


def half_open(address, port, source):
    """The kernel, which has no such socket, resets the answer."""
    raw_socket(source, address).sendto(syn(source, address, 34567, port), (address, 0))
    time.sleep(0.3)


def flood(address, port, prefix, amount, gap="0.002"):
    """One SYN each from hosts 1, 2, 3 ... of a network, of whom none is there."""
    for number in range(1, int(amount) + 1):
        source = f"{prefix}{number % 250 + 1}"
        with raw_socket(source, address) as raw:
            raw.sendto(syn(source, address, 1024 + number, port), (address, 0))
        time.sleep(float(gap))


def bad_checksum(address, port, source, amount, gap="0.3"):
    """The same SYN some times, broken on the way."""
    raw = raw_socket(source, address)
    if family(address) == socket.AF_INET6:
        raw.setsockopt(socket.IPPROTO_IPV6, 7, -1)  # IPV6_CHECKSUM: ours stands
    whole = syn(source, address, 34568, port)
    broken = whole[:16] + bytes([whole[16] ^ 0x55]) + whole[17:]
    for _ in range(int(amount)):
        raw.sendto(broken, (address, 0))
        time.sleep(float(gap))
