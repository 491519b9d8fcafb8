/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a frame to its TCP segment: link layer, VLAN tags, IPv4 with options,
 * IPv6 with extension headers, TCP, and ICMP errors that quote TCP.
 *
 * Reads from any [begin, end) and never outside it; each access stands behind a
 * check that the BPF verifier can follow, which makes it safe for hostile files
 * as well. Not here: what a segment means, and TCP options other than those that
 * the classifier needs (window scale, DSACK).
 */
#ifndef TCPTRACE_PARSE_H
#define TCPTRACE_PARSE_H

#include "segment.h"

enum tt_link {
    TT_LINK_ETHERNET = 0,
    TT_LINK_RAW = 1,      /* an IP header at once */
    TT_LINK_SLL = 2,      /* Linux cooked v1 */
    TT_LINK_SLL2 = 3,     /* Linux cooked v2 */
    TT_LINK_LOOPBACK = 4, /* BSD: 4 bytes of address family, either byte order */
};

/* Each but the first has a counter of the same meaning (counters.h). */
enum tt_parse_result {
    TT_PARSED = 0,
    TT_NOT_IP,
    TT_NOT_TCP,
    TT_FRAGMENT,
    TT_TRUNCATED,
    TT_MALFORMED,
};

#define TT_ETHERTYPE_IPV4 0x0800
#define TT_ETHERTYPE_IPV6 0x86dd
#define TT_ETHERTYPE_VLAN 0x8100
#define TT_ETHERTYPE_QINQ 0x88a8
#define TT_ETHERTYPE_QINQ_OLD 0x9100
#define TT_VLAN_TAGS_MAX 4
#define TT_IPV6_EXTENSIONS_MAX 6

/* No header found here begins behind these bytes of the frame: for TT_ANY_NUMBER. */
#define TT_NETWORK_OFFSET_MASK 0x3f
#define TT_TRANSPORT_OFFSET_MASK 0x3fff

#define TT_PROTOCOL_ICMP 1
#define TT_PROTOCOL_TCP 6
#define TT_PROTOCOL_ICMPV6 58

/* Where the headers of a frame are. Pointers are into [begin, end). */
struct tt_headers {
    const tt_u8 *network;
    const tt_u8 *transport;
    tt_u32 transport_bytes; /* header and payload by the IP header, capped by the wire length */
    tt_u16 network_offset;
    tt_u16 transport_offset;
    tt_u16 ethertype; /* behind VLAN tags */
    tt_u8 family;
    tt_u8 protocol;
};

/* Length of the link header, 0 if it is cut; *ethertype: 0 if it is no IP. */
TT_INLINE tt_u32 tt_link_header(const tt_u8 *begin, const tt_u8 *end, tt_u32 link,
                                tt_u16 *ethertype)
{
    switch (link) {
    case TT_LINK_ETHERNET:
        if (begin + 14 > end)
            return 0;
        *ethertype = tt_load16(begin + 12);
        return 14;
    case TT_LINK_SLL:
        if (begin + 16 > end)
            return 0;
        *ethertype = tt_load16(begin + 14);
        return 16;
    case TT_LINK_SLL2:
        if (begin + 20 > end)
            return 0;
        *ethertype = tt_load16(begin);
        return 20;
    default: /* raw, or BSD loopback: the version nibble tells, as the family's number differs
                between systems */
    {
        tt_u32 offset = link == TT_LINK_LOOPBACK ? 4 : 0;

        if (begin + offset + 1 > end)
            return 0;
        *ethertype = (begin[offset] >> 4) == 4   ? TT_ETHERTYPE_IPV4
                     : (begin[offset] >> 4) == 6 ? TT_ETHERTYPE_IPV6
                                                 : 0;
        return offset;
    }
    }
}

TT_INLINE bool tt_is_vlan(tt_u16 ethertype)
{
    return ethertype == TT_ETHERTYPE_VLAN || ethertype == TT_ETHERTYPE_QINQ ||
           ethertype == TT_ETHERTYPE_QINQ_OLD;
}

/* A total length of 0 is written by segmentation offload: then the wire says it. */
TT_INLINE tt_u32 tt_ip_payload(tt_u32 total, tt_u32 header, tt_u32 on_wire)
{
    return total != 0 && total <= on_wire ? total - header : on_wire - header;
}

TT_INLINE int tt_find_ipv4(const tt_u8 *ip, const tt_u8 *end, tt_u32 on_wire,
                           struct tt_headers *headers)
{
    tt_u32 header;
    tt_u32 total;

    if (ip + 20 > end)
        return TT_TRUNCATED;
    header = (tt_u32)(ip[0] & 0x0f) * 4;
    total = tt_load16(ip + 2);
    if ((ip[0] >> 4) != 4 || header < 20 || header > on_wire || (total != 0 && total < header))
        return TT_MALFORMED;
    if (tt_load16(ip + 6) & 0x3fff) /* more fragments, or not the first */
        return TT_FRAGMENT;
    headers->family = TT_IPV4;
    headers->protocol = ip[9];
    headers->network = ip;
    headers->transport = ip + header;
    headers->transport_offset = (tt_u16)(headers->network_offset + header);
    headers->transport_bytes = tt_ip_payload(total, header, on_wire);
    return TT_PARSED;
}

/* Hop-by-hop, routing, destination options, mobility, HIP, shim6; AH counts in
 * words of four bytes (RFC 4302 §2.2), the others in words of eight (RFC 6564). */
TT_INLINE tt_u32 tt_ipv6_extension(tt_u8 next, tt_u8 length)
{
    switch (next) {
    case 0:
    case 43:
    case 60:
    case 135:
    case 139:
    case 140:
        return ((tt_u32)length + 1) * 8;
    case 51:
        return ((tt_u32)length + 2) * 4;
    default:
        return 0;
    }
}

TT_INLINE int tt_find_ipv6(const tt_u8 *ip, const tt_u8 *end, tt_u32 on_wire,
                           struct tt_headers *headers)
{
    tt_u32 skipped = 40;
    tt_u32 total;
    tt_u8 protocol;

    if (ip + 40 > end)
        return TT_TRUNCATED;
    if ((ip[0] >> 4) != 6 || on_wire < 40)
        return TT_MALFORMED;
    protocol = ip[6];
    for (int i = 0; i < TT_IPV6_EXTENSIONS_MAX; i++) {
        const tt_u8 *next = ip + skipped;
        tt_u32 bytes;

        if (protocol == TT_PROTOCOL_TCP || protocol == TT_PROTOCOL_ICMPV6)
            break;
        if (protocol == 44) /* fragment header */
            return TT_FRAGMENT;
        if (next + 2 > end)
            return TT_TRUNCATED;
        bytes = tt_ipv6_extension(protocol, next[1]);
        if (bytes == 0)
            break;
        protocol = next[0];
        skipped += bytes;
        TT_ANY_NUMBER(skipped, on_wire, TT_TRANSPORT_OFFSET_MASK);
    }
    total = tt_load16(ip + 4) ? (tt_u32)tt_load16(ip + 4) + 40 : 0;
    if (skipped > on_wire || (total != 0 && total < skipped))
        return TT_MALFORMED;
    headers->family = TT_IPV6;
    headers->protocol = protocol;
    headers->network = ip;
    headers->transport = ip + skipped;
    headers->transport_offset = (tt_u16)(headers->network_offset + skipped);
    headers->transport_bytes = tt_ip_payload(total, skipped, on_wire);
    return TT_PARSED;
}

/* From byte `offset` of the frame on, which `ethertype` names: VLAN tags, then IP. */
TT_INLINE int tt_find_network(const tt_u8 *begin, const tt_u8 *end, tt_u32 wire_length,
                              tt_u32 offset, tt_u16 ethertype, struct tt_headers *headers)
{
    for (int i = 0; i < TT_VLAN_TAGS_MAX && tt_is_vlan(ethertype); i++) {
        if (begin + offset + 4 > end)
            return TT_TRUNCATED;
        ethertype = tt_load16(begin + offset + 2);
        offset += 4;
    }
    if (wire_length < offset)
        return TT_TRUNCATED;
    TT_ANY_NUMBER(offset, wire_length, TT_NETWORK_OFFSET_MASK);
    headers->network_offset = (tt_u16)offset;
    headers->ethertype = ethertype;
    if (ethertype == TT_ETHERTYPE_IPV4)
        return tt_find_ipv4(begin + offset, end, wire_length - offset, headers);
    if (ethertype == TT_ETHERTYPE_IPV6)
        return tt_find_ipv6(begin + offset, end, wire_length - offset, headers);
    return TT_NOT_IP;
}

/*
 * Finds the IP and the transport header of the frame [begin, end), which was
 * `wire_length` bytes long before it was captured.
 */
TT_INLINE int tt_find_headers(const tt_u8 *begin, const tt_u8 *end, tt_u32 wire_length, tt_u32 link,
                              struct tt_headers *headers)
{
    tt_u16 ethertype = 0;
    tt_u32 offset = tt_link_header(begin, end, link, &ethertype);

    if (offset == 0 && link != TT_LINK_RAW)
        return TT_TRUNCATED;
    return tt_find_network(begin, end, wire_length, offset, ethertype, headers);
}

TT_INLINE void tt_copy_address(union tt_address *to, const tt_u8 *from, tt_u8 family)
{
    if (family == TT_IPV6) {
        for (int i = 0; i < 4; i++)
            to->words[i] = tt_load_word(from + 4 * i);
        return;
    }
    to->words[0] = 0;
    to->words[1] = 0;
    to->bytes[8] = 0;
    to->bytes[9] = 0;
    to->bytes[10] = 0xff;
    to->bytes[11] = 0xff;
    to->words[3] = tt_load_word(from);
}

/* Addresses of the IP header at `ip`, which has been checked to be there. */
TT_INLINE void tt_read_addresses(struct tt_endpoints *ends, const tt_u8 *ip, tt_u8 family)
{
    if (family == TT_IPV4) {
        tt_copy_address(&ends->source, ip + 12, TT_IPV4);
        tt_copy_address(&ends->destination, ip + 16, TT_IPV4);
    } else {
        tt_copy_address(&ends->source, ip + 8, TT_IPV6);
        tt_copy_address(&ends->destination, ip + 24, TT_IPV6);
    }
}

/*
 * Addresses of the IP header at `ip`; false if it is cut. Each family has a check of
 * its own: where one check serves both, older BPF verifiers forget which it was.
 */
TT_INLINE bool tt_read_ends(union tt_address *source, union tt_address *destination,
                            const tt_u8 *ip, const tt_u8 *end, tt_u8 family)
{
    if (family == TT_IPV4) {
        if (ip + 20 > end)
            return false;
        tt_copy_address(source, ip + 12, TT_IPV4);
        tt_copy_address(destination, ip + 16, TT_IPV4);
    } else {
        if (ip + 40 > end)
            return false;
        tt_copy_address(source, ip + 8, TT_IPV6);
        tt_copy_address(destination, ip + 24, TT_IPV6);
    }
    return true;
}

#endif
