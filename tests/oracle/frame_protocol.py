# SPDX-License-Identifier: Apache-2.0
"""What a frame is, for the comparison with tcpdump: protocol_of() walks its headers, tunnels
included, and answers (name, listed). `listed`: design/contract.md section 2 promises its line. A
name is like "tcp" or "tcp in gre"; "udp 123" is an application that tcpdump decodes by its port and the contract does not
list. Damaged headers end the walk where they stand: the line says so then."""
import struct

LISTED_PLAIN = {1: "icmp", 58: "icmpv6"}
GRE, IPIP, IPV6_IN_IP = 47, 4, 41
VLAN = (0x8100, 0x88A8, 0x9100)
VXLAN, GENEVE, DNS = 4789, 6081, (53, 5353)
# Ports whose applications tcpdump 4.99 decodes; on TCP only what carries data.
TCP_PORTS = {23, 139, 179, 445, 554, 636, 639, 646, 1723, 2049, 3205, 5060, 6379, 6633, 6653,
             8282, 10288, 323, 5222, 88}
UDP_PORTS = {67, 68, 69, 88, 123, 137, 138, 161, 162, 201, 202, 204, 206, 319, 320, 496, 500, 514,
             520, 521, 525, 546, 547, 646, 654, 698, 750, 921, 1589, 1645, 1646, 1700, 1701, 1812,
             1813, 1985, 2049, 2103, 2104, *range(7000, 7011), 3456, 3503, 3784, 3785, 3799, 4342,
             4500, 4567, 4784, 4790, 5060, 5359, 6343, 6635, 6696, 6697, 6784, 7500, 8231, 8472,
             8500, 12222, 12223, 17754, 30490, 49152, 49998}
# By libpcap's link types: header length, and where the ethertype stands.
LINKS = {1: (14, 12), 113: (16, 14), 276: (20, 0)}


def _ports(known, protocol, data):
    ports = struct.unpack_from("!2H", data)
    for port in sorted(ports):
        if port in known:
            return f"{protocol} {port}", False
    return None


def _inside(tunnel, inner):
    return f"{inner[0]} in {tunnel}", inner[1]


def _udp(data):
    if len(data) < 8:
        return "udp", True
    source, destination = struct.unpack_from("!2H", data)
    if destination == VXLAN:
        return _inside("vxlan", _ethernet(data[16:]))
    if destination == GENEVE and len(data) >= 16:
        options = (data[8] & 0x3F) * 4
        inner = struct.unpack_from("!H", data, 10)[0]
        return _inside("geneve", _network(inner, data[16 + options:]))
    if source in DNS or destination in DNS:
        return "dns", True
    return _ports(UDP_PORTS, "udp", data) or ("udp", True)


def _tcp(data, length):
    if len(data) < 20 or length <= (data[12] >> 4) * 4:
        return "tcp", True
    return _ports(TCP_PORTS, "tcp", data) or ("tcp", True)


def _gre(data):
    if len(data) < 4 or data[1] & 7:
        return "version 1", False
    flags, inner = struct.unpack_from("!2H", data)
    header = 4 + sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
    return _network(inner, data[header:])


def _upper(protocol, data, length, fragment):
    if fragment:
        return "ip fragment", True
    if protocol == 6:
        return _tcp(data, length)
    if protocol == 17:
        return _udp(data)
    if protocol in (IPIP, IPV6_IN_IP):
        return _inside("ipip", _ip(data))
    if protocol == GRE:
        return _inside("gre", _gre(data))
    if protocol in LISTED_PLAIN:
        return LISTED_PLAIN[protocol], True
    return f"ip protocol {protocol}", False


def _ipv6(data):
    protocol, offset, fragment = data[6], 40, False
    while protocol in (0, 43, 44, 51, 60, 135) and len(data) >= offset + 8:
        fragment = protocol == 44 and struct.unpack_from("!H", data, offset + 2)[0] & 0xFFF8 != 0
        step = {44: 8, 51: (data[offset + 1] + 2) * 4}.get(protocol, (data[offset + 1] + 1) * 8)
        protocol = data[offset]
        offset += step
        if fragment:
            break
    return _upper(protocol, data[offset:], struct.unpack_from("!H", data, 4)[0] + 40 - offset,
                  fragment)


def _ip(data):
    if len(data) < 1:
        return "ip", True
    if data[0] >> 4 == 6:
        return _ipv6(data) if len(data) >= 40 else ("ipv6", True)
    header = (data[0] & 15) * 4
    if data[0] >> 4 != 4 or len(data) < 20 or header < 20:
        return "ip", True
    fragment = struct.unpack_from("!H", data, 6)[0] & 0x1FFF != 0
    return _upper(data[9], data[header:], struct.unpack_from("!H", data, 2)[0] - header, fragment)


def _network(ethertype, data):
    while ethertype in VLAN and len(data) >= 4:
        ethertype = struct.unpack_from("!H", data, 2)[0]
        data = data[4:]
    if ethertype in (0x0800, 0x86DD):
        return _ip(data)
    if ethertype in (0x0806, 0x8035):
        return "arp", True
    if ethertype == 0x6558:
        return _ethernet(data)
    if ethertype < 1536:
        return "802.2", False
    return f"ethertype 0x{ethertype:04x}", False


def _ethernet(data):
    if len(data) < 14:
        return "cut link header", True
    return _network(struct.unpack_from("!H", data, 12)[0], data[14:])


def protocol_of(link, data):
    if link in LINKS:
        header, at = LINKS[link]
        if len(data) < header:
            return "cut link header", True
        return _network(struct.unpack_from("!H", data, at)[0], data[header:])
    if link == 0 and len(data) >= 4:
        family = min(struct.unpack("<I", data[:4])[0], struct.unpack(">I", data[:4])[0])
        return _ip(data[4:]) if family in (2, 10, 23, 24, 28, 30) else (f"family {family}", False)
    if link in (12, 101, 228, 229):
        return _ip(data)
    return f"link type {link}", False
