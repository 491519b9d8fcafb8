#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the captures of TESTLIST.dns beside this file: UDP datagrams, sound and broken, and DNS
messages: each type of record that has words of its own, broken names, EDNS, multicast, TCP."""
import struct
import sys

sys.dont_write_bytecode = True
from make_icmp_captures import (HOST, HOST6, SERVER, SERVER6, address, icmp, ip,  # noqa: E402
                                summed, tcp, write)

CLASS_IN, ANSWER, QUERY = 1, 0x8180, 0x0100
NAME, BACK = b"\3www\7example\0", b"\xc0\x0c"  # BACK: a pointer to the question's name
QUESTION = NAME + struct.pack("!2H", 1, CLASS_IN)


def udp(payload, ports=(40000, 53), ends=(HOST, SERVER), said=None, checksum=None):
    data = struct.pack("!4H", *ports, 8 + len(payload) if said is None else said, 0) + payload
    if checksum is not None:
        return ip(*ends, 17, data[:6] + struct.pack("!H", checksum) + data[8:])
    return ip(*ends, 17, summed(*ends, 17, data, 6))


def message(flags, *sections, questions=(QUESTION,), counts=None):
    """`sections`: lists of records; `counts`: others than there are."""
    sections = [*sections, [], [], []][:3]
    counts = counts or [len(questions), *map(len, sections)]
    return (struct.pack("!6H", 4242, flags, *counts) + b"".join(questions)
            + b"".join(record for section in sections for record in section))


def record(kind, data, name=BACK, record_class=CLASS_IN, ttl=93784):
    return name + struct.pack("!2HIH", kind, record_class, ttl, len(data)) + data


def answer(kind, data, **more):
    return message(ANSWER, [record(kind, data, **more)])


def opt(*options, ttl=0x8000):
    data = b"".join(struct.pack("!2H", code, len(text)) + text for code, text in options)
    return record(41, data, name=b"\0", record_class=1232, ttl=ttl)


def with_opt(*options, **more):
    return message(ANSWER, [], [], [opt(*options, **more)])


def records():
    soa = b"\2ns" + BACK + b"\4root" + BACK + struct.pack("!5I", 2026, 7200, 3600, 1209600, 300)
    tsig = b"\4hmac\0" + bytes(6) + struct.pack("!2H", 300, 4) + b"macs" + struct.pack("!3H", 7, 16, 0)
    yield 1, address(SERVER)
    yield 2, b"\2ns" + BACK
    yield 5, b"\5other\0"
    yield 6, soa
    yield 12, b"\4host" + BACK
    yield 15, struct.pack("!H", 10) + b"\4mail" + BACK
    yield 16, b"\5v=abc\4\x01\x7f\xe9 \0"
    yield 28, address(SERVER6)
    yield 33, struct.pack("!3H", 1, 2, 5060) + b"\3sip" + BACK
    yield 38, b"\0" + address(SERVER6)
    yield 38, b"\x40" + address(SERVER6)[8:] + b"\6prefix" + BACK
    yield 38, b"\xff"
    yield 39, b"\3new\0"
    yield 43, bytes(24)
    yield 65, b"\0\1\0\0\1\0\3\2h2"
    yield 104, b"any\x01thing"
    yield 250, tsig
    yield 256, struct.pack("!2H", 10, 1) + b"https://example/"
    yield 257, b"\0\5issueca.example"
    yield 256, b"\0\1"
    yield 1, b"\xc0\0"


def options():
    yield 3, b"ns1"
    yield 5, bytes([8, 13, 15, 99])
    yield 6, bytes([1, 2, 3, 9])
    yield 7, bytes([1, 2])
    yield 8, bytes.fromhex("00011800c00002")
    yield 8, bytes.fromhex("0002380020010db8000100")
    yield 8, bytes.fromhex("00012000c00002")
    yield 9, struct.pack("!I", 3600)
    yield 10, bytes(range(8))
    yield 10, bytes(range(24))
    yield 10, bytes(range(9))
    yield 11, struct.pack("!H", 1205)
    yield 12, bytes(40)
    yield 13, b"\7example\0"
    yield 14, struct.pack("!2H", 20326, 38696)
    yield 15, b"\0\x16no answer"
    yield 65001, b""


def broken_names():
    """What stands in the place of the question's name."""
    yield BACK  # itself
    yield b"\1a" + BACK
    yield b"\xff\xff"
    yield b"\1a\x80b\0"
    yield b"\x42\1\0"
    yield b"\x41\x0b\xff\xe0\1a\0"  # eleven bits (RFC 2673)
    yield b"\x41\4\xf0\0"
    yield (b"\x3f" + b"l" * 63) * 4 + b"\0"
    yield b"\x14only twenty and some"
    yield b"\5a.b\\\xe9\0"
    yield b"\0"


def dns_packets():
    query = message(QUERY)
    for kind, data in records():
        yield udp(answer(kind, data), (53, 40000), (SERVER, HOST))
    for name in broken_names():
        question = name + struct.pack("!2H", 28, CLASS_IN)
        yield udp(message(QUERY, questions=(question,)))
        yield udp(message(ANSWER, questions=(question,)), (53, 40000), (SERVER, HOST))
    for option in options():
        yield udp(with_opt(option), (53, 40000), (SERVER, HOST))
    yield udp(with_opt(*options()), (53, 40000), (SERVER, HOST))
    for code in range(24):  # the upper eight bits are OPT's
        yield udp(with_opt(ttl=code >> 4 << 24).replace(b"\x81\x80", bytes([0x81, 0x80 | code & 15]), 1))
    for flags in (0, 0x0110, 0x0120, 0x0140, 0x0900, 0x1100, 0x2900, 0x8000, 0x8480, 0x8380, 0x81A0):
        yield udp(message(flags))
        yield udp(message(flags, [record(1, address(HOST))], [record(2, BACK)],
                          [record(1, address(HOST)), opt()]))
    for kind in (0, 13, 255, 252, 64, 65535):
        yield udp(message(QUERY, questions=(NAME + struct.pack("!2H", kind, 3),)))
    for dns_class in (3, 4, 254, 255, 0x8001):
        yield udp(message(QUERY, questions=(NAME + struct.pack("!2H", 1, dns_class),)))
        yield udp(answer(1, address(HOST), record_class=dns_class))
    for ttl in (0, 59, 60, 86400, 0xFFFFFFFF):
        yield udp(answer(1, address(HOST), ttl=ttl))
    for counts in ((0, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 2, 1, 1), (0xFFFF,) * 4):
        yield udp(message(ANSWER, counts=counts))
        yield udp(message(QUERY, counts=counts))
        yield udp(message(ANSWER, [record(1, address(HOST))], counts=counts))
    yield udp(message(QUERY, questions=(QUESTION, BACK + QUESTION[-4:])))
    for size in (0, 1, 11, 12, 20):
        yield udp(query[:size])
    for flags, dns_class in ((0, CLASS_IN), (0, 0x8001), (0x8400, 0x8001), (0x8400, 0x80FF)):
        question = NAME + struct.pack("!2H", 12, dns_class)
        yield udp(message(flags, [record(1, address(HOST), record_class=dns_class)],
                          questions=(question,)), (5353, 5353), (HOST, "224.0.0.251"))
    stream = struct.pack("!H", len(query)) + query
    for payload in (stream, stream * 2, stream[:20], b"\0", b"\0\0", b"\0\5short"):
        yield tcp(HOST, 40000, SERVER, 53, 0x18, (1, 1), payload)
    yield udp(query, ends=(HOST6, SERVER6))
    yield icmp(3, 3, 0, udp(query))
    yield icmp(3, 3, 0, udp(query)[:28])


def udp_packets():
    text, ends6 = b"some words", (HOST6, SERVER6)
    for ends in ((HOST, SERVER), ends6):
        yield udp(text, (40000, 9999), ends)
        yield udp(text, (40000, 9999), ends, checksum=0)
        yield udp(text, (40000, 9999), ends, checksum=0xBEEF)
        yield udp(text, (40000, 5355), ends)
        yield udp(b"", (40000, 9999), ends)
        for said in (0, 7, 8, 12, 400):
            yield udp(text, (40000, 9999), ends, said=said)
        for size in (2, 4, 5, 7):
            yield ip(*ends, 17, struct.pack("!4H", 40000, 9999, 18, 0)[:size])
    # UDP's length is less than IP's, and so is what its checksum covers.
    whole = udp(text, (40000, 9999))[20:]
    yield ip(HOST, SERVER, 17, whole + b"more")
    yield ip(*ends6, 17, udp(text, (40000, 9999), ends6)[40:] + b"more")
    # First and later fragments.
    for fragment in (0x2000, 0x0010):
        packet = udp(text, (40000, 9999), said=400)
        yield packet[:6] + struct.pack("!H", fragment) + packet[8:]
    # Behind a header of destination options only the ports are told.
    yield ip(*ends6, 60, bytes.fromhex("1100010400000000") + udp(text, (40000, 9999), ends6)[40:])
    yield icmp(3, 3, 0, udp(text, (40000, 9999)))
    yield icmp(11, 0, 0, udp(text, (40000, 9999))[:28])


if __name__ == "__main__":
    write("dns.pcap", dns_packets())
    write("udp.pcap", udp_packets())
