/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP carried inside something else: PPPoE sessions, MPLS, IP in IP, GRE (also
 * with Ethernet or ERSPAN in it), VXLAN, Geneve and GTP-U. Behind parse.h, for
 * captures, where the encapsulated packet is all there is. Live it is not used:
 * there the tunnel's own interface is watched and shows the inner packet bare.
 *
 * Not here: VXLAN on ports other than IANA's, fragments, anything encrypted.
 */
#ifndef TCPTRACE_TUNNEL_H
#define TCPTRACE_TUNNEL_H

#include "parse.h"

#define TT_ETHERTYPE_BRIDGED 0x6558 /* an Ethernet frame follows */
#define TT_ETHERTYPE_PPPOE 0x8864
#define TT_ETHERTYPE_MPLS 0x8847
#define TT_ETHERTYPE_MPLS_UPSTREAM 0x8848
#define TT_ETHERTYPE_ERSPAN2 0x88be
#define TT_ETHERTYPE_ERSPAN3 0x22eb

#define TT_PPP_IPV4 0x0021
#define TT_PPP_IPV6 0x0057

#define TT_PROTOCOL_IPV4 4
#define TT_PROTOCOL_UDP 17
#define TT_PROTOCOL_IPV6 41
#define TT_PROTOCOL_GRE 47

#define TT_PORT_GTP 2152
#define TT_PORT_VXLAN 4789
#define TT_PORT_GENEVE 6081

#define TT_GTP_G_PDU 0xff
#define TT_GTP_OPTIONAL 0x07 /* extension, sequence number or N-PDU number present */
#define TT_GTP_EXTENSION 0x04
#define TT_GTP_EXTENSIONS_MAX 4

#define TT_MPLS_LABELS_MAX 8
#define TT_TUNNELS_MAX 2 /* one inside the other */

/* Where to go on reading; ethertype 0: nothing we know. */
struct tt_inner {
    tt_u32 offset;      /* from the start of the frame */
    tt_u32 wire_length; /* of the frame, less what the tunnel says is padding */
    tt_u16 ethertype;
};

TT_INLINE tt_u16 tt_ethertype_of_ip(const tt_u8 *ip, const tt_u8 *end)
{
    if (ip + 1 > end)
        return 0;
    return (ip[0] >> 4) == 4 ? TT_ETHERTYPE_IPV4 : (ip[0] >> 4) == 6 ? TT_ETHERTYPE_IPV6 : 0;
}

/* RFC 2516: 6 bytes, then PPP's protocol number, counted in the length. */
TT_INLINE void tt_enter_pppoe(const tt_u8 *begin, const tt_u8 *end, struct tt_inner *inner)
{
    const tt_u8 *pppoe = begin + inner->offset;
    tt_u32 session_end;
    tt_u16 protocol;

    inner->ethertype = 0;
    if (pppoe + 8 > end || pppoe[1] != 0)
        return;
    session_end = inner->offset + 6U + tt_load16(pppoe + 4);
    protocol = tt_load16(pppoe + 6);
    inner->offset += 8;
    if (session_end < inner->wire_length)
        inner->wire_length = session_end;
    if (protocol == TT_PPP_IPV4)
        inner->ethertype = TT_ETHERTYPE_IPV4;
    if (protocol == TT_PPP_IPV6)
        inner->ethertype = TT_ETHERTYPE_IPV6;
}

/* RFC 3032: labels of 4 bytes up to the one with the bottom bit. */
TT_INLINE void tt_enter_mpls(const tt_u8 *begin, const tt_u8 *end, struct tt_inner *inner)
{
    bool bottom = false;

    inner->ethertype = 0;
    for (int i = 0; i < TT_MPLS_LABELS_MAX && !bottom; i++) {
        const tt_u8 *label = begin + inner->offset;

        if (label + 4 > end)
            return;
        bottom = label[2] & 1;
        inner->offset += 4;
    }
    if (bottom)
        inner->ethertype = tt_ethertype_of_ip(begin + inner->offset, end);
}

/* RFC 2784, RFC 2890; ERSPAN type I has no sequence number and no header. */
TT_INLINE void tt_enter_gre(const tt_u8 *begin, const tt_u8 *end, struct tt_inner *inner)
{
    const tt_u8 *gre = begin + inner->offset;
    tt_u16 flags;

    inner->ethertype = 0;
    if (gre + 4 > end)
        return;
    flags = tt_load16(gre);
    if (flags & 0x4007) /* routing, or version 1 (PPTP) */
        return;
    inner->ethertype = tt_load16(gre + 2);
    inner->offset +=
        4U + ((flags & 0x8000) ? 4 : 0) + ((flags & 0x2000) ? 4 : 0) + ((flags & 0x1000) ? 4 : 0);
    if (inner->ethertype == TT_ETHERTYPE_ERSPAN2) {
        inner->offset += (flags & 0x1000) ? 8 : 0;
        inner->ethertype = TT_ETHERTYPE_BRIDGED;
    } else if (inner->ethertype == TT_ETHERTYPE_ERSPAN3) {
        const tt_u8 *erspan = begin + inner->offset;

        if (erspan + 12 > end)
            return;
        inner->offset += (erspan[11] & 1) ? 20 : 12;
        inner->ethertype = TT_ETHERTYPE_BRIDGED;
    }
}

/* 3GPP TS 29.281 §5: only user data (G-PDU) carries a packet. */
TT_INLINE void tt_enter_gtp(const tt_u8 *begin, const tt_u8 *end, struct tt_inner *inner)
{
    const tt_u8 *gtp = begin + inner->offset;
    tt_u8 next;

    inner->ethertype = 0;
    if (gtp + 12 > end || (gtp[0] & 0xf0) != 0x30 || gtp[1] != TT_GTP_G_PDU)
        return;
    inner->offset += (gtp[0] & TT_GTP_OPTIONAL) ? 12 : 8;
    next = (gtp[0] & TT_GTP_EXTENSION) ? gtp[11] : 0;
    for (int i = 0; i < TT_GTP_EXTENSIONS_MAX && next; i++) {
        const tt_u8 *extension = begin + inner->offset;
        tt_u32 bytes;

        if (extension + 1 > end || extension[0] == 0)
            return;
        bytes = (tt_u32)extension[0] * 4;
        if (extension + bytes > end)
            return;
        next = extension[bytes - 1];
        inner->offset += bytes;
    }
    if (!next)
        inner->ethertype = tt_ethertype_of_ip(begin + inner->offset, end);
}

/* RFC 7348, RFC 8926 and GTP-U are told by their destination port. */
TT_INLINE void tt_enter_udp(const tt_u8 *begin, const tt_u8 *end, struct tt_inner *inner)
{
    const tt_u8 *udp = begin + inner->offset;
    const tt_u8 *header = udp + 8;
    tt_u16 port;

    inner->ethertype = 0;
    if (udp + 16 > end)
        return;
    port = tt_load16(udp + 2);
    inner->offset += 8;
    if (port == TT_PORT_VXLAN && (header[0] & 0x08)) {
        inner->offset += 8;
        inner->ethertype = TT_ETHERTYPE_BRIDGED;
    } else if (port == TT_PORT_GENEVE && (header[0] >> 6) == 0) {
        inner->offset += 8 + (tt_u32)(header[0] & 0x3f) * 4;
        inner->ethertype = tt_load16(header + 2);
    } else if (port == TT_PORT_GTP || tt_load16(udp) == TT_PORT_GTP) {
        tt_enter_gtp(begin, end, inner);
    }
}

/* One layer further in: from what *headers found to what it carries. */
TT_INLINE void tt_enter_layer(const tt_u8 *begin, const tt_u8 *end,
                              const struct tt_headers *headers, int result, struct tt_inner *inner)
{
    inner->ethertype = 0;
    if (result == TT_NOT_IP) {
        inner->offset = headers->network_offset;
        if (headers->ethertype == TT_ETHERTYPE_PPPOE)
            tt_enter_pppoe(begin, end, inner);
        else if (headers->ethertype == TT_ETHERTYPE_MPLS ||
                 headers->ethertype == TT_ETHERTYPE_MPLS_UPSTREAM)
            tt_enter_mpls(begin, end, inner);
        return;
    }
    inner->offset = headers->transport_offset;
    if (headers->protocol == TT_PROTOCOL_IPV4)
        inner->ethertype = TT_ETHERTYPE_IPV4;
    else if (headers->protocol == TT_PROTOCOL_IPV6)
        inner->ethertype = TT_ETHERTYPE_IPV6;
    else if (headers->protocol == TT_PROTOCOL_GRE)
        tt_enter_gre(begin, end, inner);
    else if (headers->protocol == TT_PROTOCOL_UDP)
        tt_enter_udp(begin, end, inner);
}

/*
 * After tt_find_headers() answered `result` for the same frame: when it met a
 * tunnel, *headers becomes what is inside. Returns the new result, or `result`
 * itself, *headers untouched, where there is no tunnel.
 */
TT_INLINE int tt_find_inner_headers(const tt_u8 *begin, const tt_u8 *end, tt_u32 wire_length,
                                    struct tt_headers *headers, int result)
{
    struct tt_inner inner;

    inner.wire_length = wire_length;
    for (int i = 0; i < TT_TUNNELS_MAX; i++) {
        if (result != TT_NOT_IP && result != TT_PARSED)
            break;
        tt_enter_layer(begin, end, headers, result, &inner);
        if (inner.ethertype == TT_ETHERTYPE_BRIDGED) {
            if (begin + inner.offset + 14 > end)
                return TT_TRUNCATED;
            inner.ethertype = tt_load16(begin + inner.offset + 12);
            inner.offset += 14;
        }
        if (inner.ethertype == 0)
            break;
        result =
            tt_find_network(begin, end, inner.wire_length, inner.offset, inner.ethertype, headers);
    }
    return result;
}

#endif
