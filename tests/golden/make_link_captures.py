#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the captures of TESTLIST.link beside this file: each link header, ARP, 802.2, tunnels and
what stands in IP headers, whole, cut and wrong."""
import ipaddress
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
MACS = bytes.fromhex("020000000001020000000002")
SENDER = bytes.fromhex("0200000000020000")
ETHERNET, LOOPBACK, RAW, SLL, OPENBSD, SLL2 = 1, 0, 101, 113, 108, 276
IPV4, IPV6, ARP, RARP, VLAN, QINQ, BRIDGED = 0x800, 0x86DD, 0x806, 0x8035, 0x8100, 0x88A8, 0x6558
SNAPPED = 74  # bytes kept of each frame in the capture of cut ones


def ipv4(protocol, payload, fragment=0, total=None, head=0x45):
    header = struct.pack("!BBHHHBBH4s4s", head, 0, 20 + len(payload) if total is None else total, 7,
                         fragment, 64, protocol, 0, ipaddress.ip_address("192.0.2.1").packed,
                         ipaddress.ip_address("192.0.2.2").packed)
    total = sum(struct.unpack("!10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return header[:10] + struct.pack("!H", 0xFFFF - total) + header[12:] + payload


def ipv6(protocol, payload):
    return (struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64)
            + ipaddress.ip_address("2001:db8::1").packed
            + ipaddress.ip_address("2001:db8::2").packed + payload)


def udp(port, payload, source=40000):
    return struct.pack("!4H", source, port, 8 + len(payload), 0) + payload


def ethernet(kind, payload):
    return MACS + struct.pack("!H", kind) + payload


def lengthed(payload):
    """802.3: the length where the type else is."""
    return ethernet(len(payload), payload)


def arp(operation, hardware=1, protocol=IPV4, sizes=(6, 4), target=bytes(6)):
    return (struct.pack("!HHBBH", hardware, protocol, *sizes, operation) + MACS[6:]
            + bytes([192, 0, 2, 1]) + target + bytes([192, 0, 2, 2]))


PACKET = ipv4(17, udp(4000, b"hello"))
PACKET6 = ipv6(17, udp(4000, b"hello"))
FRAME = ethernet(IPV4, PACKET)


def links():
    tag = struct.pack("!HH", 0x500A, IPV4)
    snap = bytes.fromhex("aaaa03000000")
    return [
        FRAME, ethernet(IPV6, PACKET6), ethernet(VLAN, tag + PACKET),
        ethernet(QINQ, struct.pack("!HH", 10, VLAN) + tag + PACKET),
        ethernet(VLAN, struct.pack("!HH", 10, 0x9999) + PACKET), ethernet(0x9999, PACKET),
        ethernet(VLAN, b"\0\x0a"), MACS[:10], ethernet(IPV4, b""), ethernet(IPV6, b"\x60"),
        ethernet(IPV4, PACKET6), ethernet(IPV6, PACKET + PACKET),
        lengthed(snap + struct.pack("!H", IPV4) + PACKET),
        lengthed(snap + b"\x99\x99" + PACKET), lengthed(bytes.fromhex("aaaa0300000c2001") + PACKET),
        lengthed(bytes.fromhex("aaaa03080007809b99")[:9] + PACKET)[:14 + 7],
        lengthed(bytes.fromhex("aaaa030080c200070000") + FRAME),
        lengthed(b"\x06\x06\x03" + PACKET), lengthed(b"\x10\x21\x03" + PACKET),
        lengthed(b"\x42\x43\x7f"), lengthed(b"\x10\x10\x02\x05abc"), lengthed(b"\x10\x10\x05\x07"),
        lengthed(b"\x10\x20\xbf\x81\1\2"), lengthed(b"\x10\x20\xbf\x81"), lengthed(b"\x10"),
        ethernet(100, b"\x10\x20\x03" + PACKET), lengthed(b"\x10\x20\x03") + bytes(40),
    ]


def arps():
    return [ethernet(ARP, frame) for frame in (
        *(arp(operation) for operation in (1, 2, 3, 4, 8, 9, 10, 77)),
        arp(1, target=MACS[6:]), arp(1, protocol=0x9999), arp(1, hardware=99), arp(1, sizes=(6, 3)),
        arp(1, sizes=(0, 4)), arp(2, hardware=32, sizes=(8, 4)) + bytes(8), arp(1)[:20], arp(1)[:5],
        arp(1) + bytes(18))] + [ethernet(RARP, arp(3))]


def cooked(version):
    def frame(kind, payload, packet_type=0, size=6):
        if version == 1:
            return struct.pack("!3H8sH", packet_type, 1, size, SENDER, kind) + payload
        return struct.pack("!HHIHBB8s", kind, 0, 0, 1, packet_type, size, SENDER) + payload

    tag = struct.pack("!HH", 10, IPV4)
    return ([frame(IPV4, PACKET, kind) for kind in range(6)]
            + [frame(IPV6, PACKET6), frame(IPV4, PACKET, size=0), frame(ARP, arp(1)),
               frame(VLAN, tag + PACKET), frame(VLAN, b"\0"), frame(0x9999, PACKET),
               frame(4, b"\x10\x21\x03" + PACKET), frame(0x11, PACKET), frame(IPV4, PACKET)[:15]])


def families():
    return [struct.pack(order, family) + packet for order in ("<I", ">I") for family, packet in (
        (2, PACKET), (24, PACKET6), (28, PACKET6), (30, PACKET6), (10, PACKET), (6, PACKET))] + [b"\2"]


def raws():
    return [PACKET, PACKET6, b"\x55" + PACKET[1:], b"\x45", ipv6(59, b"")]


def tunnels():
    def gre(flags, kind, rest):
        return ethernet(IPV4, ipv4(47, struct.pack("!HH", flags, kind) + rest))

    def vxlan(flags, rest=FRAME, port=4789):
        return ethernet(IPV4, ipv4(17, udp(port, flags + b"\0\0\x4d\0" + rest)))

    def geneve(kind, rest, options=b"", flags=0, version=0, reserved=0):
        head = struct.pack("!BBH", version << 6 | len(options) // 4, flags, kind)
        return ethernet(IPV4, ipv4(17, udp(6081, head + b"\0\0\x05" + bytes([reserved]) + options
                                           + rest)))

    fields = bytes.fromhex("00010002" * 3)
    options = bytes.fromhex("01018001616263640001020001040001deadbeef")
    route = bytes.fromhex("0800040801020304050607" "08fffe02040001000200000000")
    return [
        ethernet(IPV4, ipv4(4, PACKET)), ethernet(IPV4, ipv4(41, PACKET6)),
        ethernet(IPV6, ipv6(4, PACKET)), ethernet(IPV6, ipv6(41, PACKET6)),
        ethernet(IPV4, ipv4(4, ipv4(4, ipv4(41, PACKET6)))), ethernet(IPV4, ipv4(4, PACKET6)),
        ethernet(IPV6, ipv6(143, FRAME)),
        gre(0, IPV4, PACKET), gre(0, IPV6, PACKET6), gre(0xB000, IPV4, fields + PACKET),
        gre(0x2000, BRIDGED, fields[:4] + FRAME), gre(0, 0x1234, PACKET), gre(2, IPV4, PACKET),
        gre(0x3081, 0x1234, fields), gre(0x2001, 0x880B, fields[:4]),
        gre(0x4000, IPV4, fields[:4] + route + PACKET), gre(0x2000, IPV4, b"\1"),
        ethernet(IPV6, ipv6(47, struct.pack("!HH", 0, IPV4) + PACKET)),
        vxlan(b"\x08\0\0\0"), vxlan(b"\0\0\0\0"), vxlan(b"\x08\0\0\0", FRAME[:9]),
        ethernet(IPV4, ipv4(17, udp(4789, b"\x08\0"))), vxlan(b"\x08\0\0\0", ethernet(ARP, arp(1))),
        vxlan(b"\x08\0\0\0", ethernet(0x9999, PACKET)), vxlan(b"\x0c\0\0\1", PACKET, 4790),
        vxlan(b"\x0f\0\0\2", PACKET6, 4790), vxlan(b"\x0c\0\0\3", FRAME, 4790),
        vxlan(b"\0\0\0\x09", PACKET, 4790),
        geneve(BRIDGED, FRAME), geneve(IPV4, PACKET, options, 0xC0, 0, 9), geneve(0x1234, PACKET),
        geneve(IPV4, PACKET, b"\1\4\x80\5abcd", 0xFF), geneve(IPV4, PACKET, version=1),
        geneve(ARP, arp(2)), geneve(IPV4, b"", options)[:-2],
    ]


def heads():
    """What IP itself says: fragments, lengths that are wrong, protocols without a decoder."""
    whole = udp(4000, b"hello")
    return [ethernet(IPV4, packet) for packet in (
        ipv4(17, whole, 0x2000), ipv4(17, whole, 5), ipv4(6, whole, 0x4001), ipv4(97, whole),
        ipv4(59, b""), ipv4(58, whole), ipv4(143, whole), ipv4(253, whole, 0x8000),
        ipv4(17, whole, total=19), ipv4(17, whole, total=500), ipv4(17, whole, head=0x44),
        ipv4(17, whole, head=0x4F), ipv4(17, b"")[:19])] + [
        ethernet(IPV6, packet) for packet in (
            ipv6(1, whole), ipv6(59, whole), ipv6(97, whole), PACKET6[:44],
            ipv6(44, struct.pack("!BBHI", 17, 0, 1, 7) + whole),
            ipv6(44, struct.pack("!BBHI", 17, 0, 8, 7) + whole))]


def write(name, link, frames, snap=262144):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, link))
        for number, frame in enumerate(frames):
            kept = frame[:snap]
            file.write(struct.pack("<4I", 1_700_000_000 + number, 0, len(kept), len(frame)) + kept)


write("ethernet.pcap", ETHERNET, links())
write("arp.pcap", ETHERNET, arps())
write("sll.pcap", SLL, cooked(1))
write("sll2.pcap", SLL2, cooked(2))
write("null.pcap", LOOPBACK, families())
write("loop.pcap", OPENBSD, families())
write("raw.pcap", RAW, raws())
write("tunnels.pcap", ETHERNET, tunnels())
write("tunnels-cut.pcap", ETHERNET, tunnels(), SNAPPED)
write("heads.pcap", ETHERNET, heads())
