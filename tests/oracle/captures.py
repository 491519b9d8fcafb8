# SPDX-License-Identifier: Apache-2.0
"""Capture files, as far as the oracles need them: reads pcap and pcapng, and splits a
"Linux cooked" capture (-i any) into what each observation point saw, because tshark
knows no observation points and takes the second sight of a packet for a repetition."""
import collections
import struct

LINKTYPE_SLL = 113
LINKTYPE_SLL2 = 276
OUTGOING = 4  # packet type of both cooked headers
VLAN_TYPES = (0x8100, 0x88A8, 0x9100)

Frame = collections.namedtuple("Frame", "number time_ns wire_length data")


def read_pcap(data):
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
             b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}.get(data[:4])
    if order is None or len(data) < 24:
        return None, []
    scale = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    link = struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF
    frames, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, captured, wire = struct.unpack_from(order + "4I", data, at)
        at += 16
        if at + captured > len(data):
            break
        time_ns = seconds * 10**9 + fraction * scale
        frames.append(Frame(len(frames) + 1, time_ns, wire, data[at:at + captured]))
        at += captured
    return link, frames


def _ticks_per_second(options, order):
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "2H", options, at)
        if code == 9 and length == 1:  # if_tsresol
            value = options[at + 4]
            return 1 << (value & 0x7F) if value & 0x80 else 10**value
        if code == 0:
            break
        at += 4 + (length + 3) // 4 * 4
    return 10**6


def read_pcapng(data):
    if data[:4] != b"\x0a\x0d\x0d\x0a":
        return None, []
    order, at, frames, links, ticks = "<", 0, [], [], []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            ticks = []
        kind, length = struct.unpack_from(order + "2I", data, at)
        if length < 12 or at + length > len(data):
            break
        body = data[at + 8:at + length - 4]
        if kind == 1:
            links.append(struct.unpack_from(order + "H", body)[0])
            ticks.append(_ticks_per_second(body[8:], order))
        elif kind == 6:
            interface, high, low, captured, wire = struct.unpack_from(order + "5I", body)
            time_ns = (high << 32 | low) * 10**9 // ticks[interface]
            frames.append(Frame(len(frames) + 1, time_ns, wire, body[20:20 + captured]))
        elif kind == 3:  # simple packets have no time
            return None, []
        at += length
    return (links[0], frames) if len(set(links)) == 1 else (None, [])


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    link, frames = read_pcap(data)
    return (link, frames) if link is not None else read_pcapng(data)


def write(path, link, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<I2H4I", 0xA1B23C4D, 2, 4, 0, 0, 262144, link))
        for frame in frames:
            file.write(struct.pack("<4I", frame.time_ns // 10**9, frame.time_ns % 10**9,
                                   len(frame.data), frame.wire_length) + frame.data)


def _ends(ethertype, packet):
    """Source and destination with ports, or nothing if this is no IP."""
    while ethertype in VLAN_TYPES and len(packet) >= 4:
        ethertype = struct.unpack_from("!H", packet, 2)[0]
        packet = packet[4:]
    if ethertype == 0x0800 and len(packet) >= 20:
        ports = packet[(packet[0] & 15) * 4:][:4]
        return packet[12:16] + ports[:2], packet[16:20] + ports[2:]
    if ethertype == 0x86DD and len(packet) >= 40:
        return packet[8:24] + packet[40:42], packet[24:40] + packet[42:44]
    return b"", b""


def _point(link, data):
    """Which interface, and whose side of it: as in include/tcptrace/flow_key.h."""
    if link == LINKTYPE_SLL2 and len(data) >= 20:
        ethertype, interface = struct.unpack_from("!H2xI", data)
        outgoing, packet = data[10] == OUTGOING, data[20:]
    elif link == LINKTYPE_SLL and len(data) >= 16:
        ethertype, interface = struct.unpack_from("!H", data, 14)[0], 0
        outgoing, packet = struct.unpack_from("!H", data)[0] == OUTGOING, data[16:]
    else:
        return None
    source, destination = _ends(ethertype, packet)
    return interface, outgoing ^ (source < destination)


def split_by_point(path):
    """[(link, frames)] for each observation point, or nothing if the file has but one."""
    link, frames = read(path)
    if link not in (LINKTYPE_SLL, LINKTYPE_SLL2):
        return []
    points = collections.defaultdict(list)
    for frame in frames:
        points[_point(link, frame.data)].append(frame)
    return [(link, part) for part in points.values()] if len(points) > 1 else []
