#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the captures of TESTLIST.icmp beside this file: one of each ICMP and ICMPv6 message that
has words of its own, and a TCP connection whose numbers and text tell tcpdump's rules."""
import ipaddress
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
ROUTER, HOST, SERVER = "192.0.2.1", "192.0.2.7", "198.51.100.9"
ROUTER6, HOST6, SERVER6 = "fe80::1", "2001:db8::7", "2001:db8:1::9"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2 + len(data) % 2}H", data + b"\0" * (len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return ipaddress.ip_address(text).packed


def ip(source, destination, protocol, payload):
    if ":" in source:
        return (struct.pack("!IHBB", 6 << 28, len(payload), protocol, 255) + address(source)
                + address(destination) + payload)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0)
    head += address(source) + address(destination)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def summed(source, destination, protocol, data, at):
    """`data` with the checksum in its place; ICMP sums no addresses."""
    pseudo = b""
    if protocol != 1:
        pseudo = address(source) + address(destination) + struct.pack("!2I", len(data), protocol)
    return data[:at] + struct.pack("!H", checksum(pseudo + data)) + data[at + 2:]


def icmp(kind, code, rest, body=b"", source=ROUTER, destination=HOST):
    data = struct.pack("!BBHI", kind, code, 0, rest) + body
    return ip(source, destination, 1, summed(source, destination, 1, data, 2))


def icmp6(kind, code, rest, body=b"", source=ROUTER6, destination=HOST6):
    data = struct.pack("!BBHI", kind, code, 0, rest) + body
    return ip(source, destination, 58, summed(source, destination, 58, data, 2))


def tcp(source, source_port, destination, destination_port, flags, numbers, text=b"", options=b""):
    head = struct.pack("!2H2I2BHHH", source_port, destination_port, *numbers,
                       (5 + len(options) // 4) << 4, flags, 512, 0, 0)
    return ip(source, destination, 6,
              summed(source, destination, 6, head + options + text, 16))


def udp(source, destination, port, text=b"x"):
    data = struct.pack("!4H", 40000, port, 8 + len(text), 0) + text
    return ip(source, destination, 17, summed(source, destination, 17, data, 6))


def mpls(quoted, stack=(0x12345101,)):
    """RFC 4884 and 4950: the quoted packet in 128 bytes, a label stack behind it."""
    entries = b"".join(struct.pack("!I", entry) for entry in stack)
    extension = struct.pack("!2H", 0x2000, 0) + struct.pack("!H2B", 4 + len(entries), 1, 1) + entries
    return quoted.ljust(128, b"\0") + summed("", "", 1, extension, 2)


def icmp_packets():
    segment = tcp(HOST, 40000, SERVER, 9999, 2, (1000, 0))
    other = ip(HOST, SERVER, 99, bytes(12))
    yield icmp(8, 0, 0x00010002, b"ping" * 8, HOST, SERVER)
    yield icmp(0, 0, 0x00010002, b"ping" * 8, SERVER, HOST)
    for code in range(17):
        yield icmp(3, code, 1400 if code == 4 else 0, segment)
    yield icmp(3, 3, 0, other)
    yield icmp(3, 4, 0, segment)
    yield icmp(4, 0, 0, segment)
    for code in range(5):
        yield icmp(5, code, 0xC0000202, segment)
    yield icmp(9, 0, 0x0202001E, address(ROUTER) + struct.pack("!I", 7) + address(HOST) + bytes(4))
    yield icmp(9, 0, 0x00020E11)
    yield icmp(9, 0, 0x01030078)
    yield icmp(10, 0, 0)
    for code in range(3):
        yield icmp(11, code, 0, segment)
    yield icmp(12, 0, 0x14000000, segment)
    yield icmp(12, 1, 0, segment)
    yield icmp(13, 0, 0x00030004, bytes(12))
    yield icmp(14, 0, 0x00030004, struct.pack("!3I", 1, 3_723_004, 90_000_000))
    for kind in (15, 16, 17, 6, 40):
        yield icmp(kind, 0, 0, bytes(4))
    yield icmp(18, 0, 0, struct.pack("!I", 0xFFFFFF00))
    yield icmp(11, 0, 0, mpls(segment))
    yield icmp(11, 0, 0x00200000, mpls(segment, (0x12345001, 0x00064140)))
    yield icmp(11, 0, 0, segment.ljust(200, b"\x01"))
    yield icmp(11, 0, 0x00200000, segment.ljust(128, b"\0") + bytes.fromhex("20000000000803010a0b0c0d00040909"))
    yield icmp(3, 1, 0, icmp(3, 3, 0, segment))
    yield icmp(8, 0, 0)[:-6] + bytes(6)


def neighbour_options():
    yield bytes.fromhex("0101aabbccddeeff")
    yield bytes.fromhex("0201aabbccddeeff")
    yield bytes.fromhex("030440e0ffffffff00000e1000000000") + address("2001:db8:5::")
    yield bytes.fromhex("05010000000005dc")
    yield bytes.fromhex("0701000000002710") + bytes.fromhex("08010000000a0708")
    yield bytes.fromhex("1801000800000e10") + bytes.fromhex("18023018000007d0") + bytes(8)
    yield bytes.fromhex("190500000000012c") + address(SERVER6) + address(HOST6)
    yield bytes.fromhex("1f0300000000012c") + b"\x07example\x03com\0\0\0\0\0"
    yield bytes.fromhex("0e01aabbccddeeff")


def icmp6_packets():
    segment = tcp(HOST6, 40000, SERVER6, 9999, 2, (1000, 0))
    routed = ip(HOST6, SERVER6, 60, struct.pack("!8B", 17, 0, 1, 4, 0, 0, 0, 0)
                + udp(HOST6, SERVER6, 9999)[40:])
    for code in range(6):
        yield icmp6(1, code, 0, segment)
    yield icmp6(1, 4, 0, routed)
    yield icmp6(1, 4, 0, ip(HOST6, SERVER6, 99, bytes(12)))
    yield icmp6(2, 0, 1280, segment)
    for code in range(3):
        yield icmp6(3, code, 0, segment)
    for code in range(5):
        yield icmp6(4, code, 40, segment)
    yield icmp6(128, 0, 0x00010002, b"ping")
    yield icmp6(129, 0, 0x00010002, b"ping")
    group = address("ff02::fb")
    for kind in (130, 131, 132):
        yield icmp6(kind, 0, 0x27100000, group)
    yield icmp6(130, 0, 0x27100000, bytes(17))
    yield icmp6(130, 0, 0x27100000, group + bytes.fromhex("0a7d0000"))
    yield icmp6(130, 0, 0x9ABC0000, group + bytes.fromhex("079a0001") + address(HOST6))
    yield icmp6(130, 0, 0x27100000, group + bytes.fromhex("027d0005"))
    records = bytes.fromhex("04000000") + group + bytes.fromhex("01000001") + group + address(HOST6)
    yield icmp6(143, 0, 2, records)
    yield icmp6(143, 0, 3, records + bytes.fromhex("09000002") + group)
    yield icmp6(143, 0, 2, bytes.fromhex("06000000") + group)
    link = bytes.fromhex("0101aabbccddeeff")
    yield icmp6(133, 0, 0, link)
    yield icmp6(134, 0, 0x40EA0708, struct.pack("!2I", 30000, 1000) + link)
    for option in neighbour_options():
        yield icmp6(134, 0, 0x40000000, bytes(8) + option + link)
    yield icmp6(135, 0, 0, address(HOST6) + link)
    yield icmp6(136, 0, 0xE0000000, address(HOST6) + bytes.fromhex("0201aabbccddeeff"))
    yield icmp6(136, 0, 0, address(HOST6) + bytes.fromhex("0200aabbccddeeff"))
    yield icmp6(137, 0, 0, address(ROUTER6) + address(SERVER6)
                + bytes.fromhex("0402000000000000") + bytes(8))
    yield icmp6(139, 0, 0x00030020, bytes(8) + address(HOST6))
    yield icmp6(139, 1, 0x00020000, bytes(8) + b"\x04host\x07example\0\0")
    yield icmp6(139, 2, 0x00040000, bytes(8) + address(HOST))
    yield icmp6(139, 0, 0x00000000, bytes(8))
    yield icmp6(139, 0, 0x00010001, bytes(8))
    yield icmp6(140, 0, 0x00020001, bytes(8) + struct.pack("!I", 60) + b"\x04host\x07example\0\0")
    yield icmp6(140, 0, 0x0003007F, bytes(8) + struct.pack("!I", 60) + address(HOST6))
    yield icmp6(140, 1, 0x00030000, bytes(8))
    for kind in (141, 142, 144, 146, 200):
        yield icmp6(kind, 0, 0x00070000, bytes(8))
    yield icmp6(145, 0, 0x00070000, address(SERVER6))
    yield icmp6(147, 0, 0x0007C000, link)
    yield icmp6(250, 3, 1, bytes(range(20)))


def tcp_packets():
    sack = bytes.fromhex("0101050a") + struct.pack("!2I", 9_001, 9_101)
    client, server = (HOST, 40000), (SERVER, 80)
    yield tcp(*client, *server, 0x02, (1000, 0))
    yield tcp(*server, *client, 0x12, (9000, 1001))
    yield tcp(*client, *server, 0x10, (1001, 9001))
    yield tcp(*client, *server, 0x18, (1001, 9001), b"GET / HTTP/1.1\r\nHost: a\tb\r\n\r\n")
    yield tcp(*server, *client, 0x18, (9101, 1031), b"HTTP/1.1 200 OK\r\n\r\n\x00\x7f\xe9\r")
    yield tcp(*client, *server, 0x10, (1031, 9001), b"", sack)
    yield tcp(*server, *client, 0x14, (9120, 1031), b"no\x01\xff room")
    # The same ports again: a bare SYN starts nothing, the SYN-ACK does.
    yield tcp(*client, *server, 0x02, (500_000, 0))
    yield tcp(*server, *client, 0x12, (700_000, 500_001))
    yield tcp(*client, *server, 0x11, (500_001, 700_001))
    # Seen from the middle on, the first with ACK is the origin.
    yield tcp(HOST6, 5000, SERVER6, 5000, 0x18, (77, 88), b"abc")
    yield tcp(SERVER6, 5000, HOST6, 5000, 0x10, (88, 80))
    yield tcp(*client, *server, 0x10, (500_002, 700_001))[:-2] + b"\xbe\xef"


def write(name, packets, ethernet=False):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(struct.pack("<I2H4I", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1 if ethernet else 101))
        for number, packet in enumerate(packets):
            if ethernet:
                kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
                packet = (bytes.fromhex("020000000002020000000001") + struct.pack("!H", kind)
                          + packet).ljust(60, b"\0")
            file.write(struct.pack("<4I", 1_767_368_529 + number * 61, 123_456_789, len(packet),
                                   len(packet)) + packet)


if __name__ == "__main__":
    write("icmp.pcap", icmp_packets())
    write("icmpv6.pcap", icmp6_packets())
    write("numbers.pcap", tcp_packets(), ethernet=True)
