/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One TCP segment (or one ICMP error that quotes one), as its headers say.
 *
 * Not here: how it is found in a frame (parse.h), what it means (classify.h).
 */
#ifndef TCPTRACE_SEGMENT_H
#define TCPTRACE_SEGMENT_H

#include "flow_key.h"

#define TT_FIN 0x01
#define TT_SYN 0x02
#define TT_RST 0x04
#define TT_PSH 0x08
#define TT_ACK 0x10
#define TT_URG 0x20
#define TT_ECE 0x40
#define TT_CWR 0x80

#define TT_TCP_HEADER_MIN 20
#define TT_TCP_OPTIONS_MAX 40

/* Window scale as a SYN offered it (RFC 7323 §2.2). */
#define TT_SCALE_ABSENT 0xff
#define TT_SCALE_MAX 14

/* ICMP errors (RFC 792, RFC 4443 §3) by the type of their message. */
#define TT_ICMP_UNREACHABLE 3
#define TT_ICMP_TIME_EXCEEDED 11
#define TT_ICMPV6_UNREACHABLE 1
#define TT_ICMPV6_TOO_BIG 2
#define TT_ICMPV6_TIME_EXCEEDED 3

enum tt_segment_kind {
    TT_KIND_TCP = 0,
    TT_KIND_ICMP_ERROR = 1, /* the flow is the quoted one, turned round: it is an answer */
};

/* All numbers in host byte order. */
struct tt_segment {
    tt_u32 sequence;       /* of an ICMP error: the quoted segment's */
    tt_u32 acknowledgment; /* 0 without TT_ACK, whatever the field held */
    tt_u32 length;         /* payload bytes by the IP header, not by what was captured */
    union {
        tt_u32 mtu;   /* TT_KIND_ICMP_ERROR: next hop's, of "fragmentation needed" and the like */
        tt_u32 dsack; /* TT_KIND_TCP: first byte of what came twice (RFC 2883); 0: none told */
    };
    tt_u16 window;           /* as it stands in the header, unscaled */
    tt_u16 identification;   /* IPv4 */
    tt_u16 network_offset;   /* bytes from the start of the frame to the IP header */
    tt_u16 transport_offset; /* to the TCP or ICMP header */
    tt_u8 flags;             /* TT_FIN ... TT_CWR */
    tt_u8 header_length;     /* TCP header with options, bytes */
    tt_u8 kind;              /* enum tt_segment_kind */
    tt_u8 family;            /* enum tt_family, of the outer header */
    tt_u8 ttl;               /* or hop limit */
    tt_u8 scale;             /* shift offered by a SYN; TT_SCALE_ABSENT otherwise */
    tt_u8 icmp_type;
    union {
        tt_u8 icmp_code; /* TT_KIND_ICMP_ERROR */
        tt_u8 dsack_256; /* TT_KIND_TCP: length of what came twice in 256 bytes, rounded down */
    };
};

TT_STATIC_ASSERT(sizeof(struct tt_segment) == 32, "shared layout");

/* What parse.h makes of a frame. */
struct tt_packet {
    struct tt_endpoints ends;
    struct tt_segment segment;
};

/* Sequence space a segment takes: SYN and FIN count one each (RFC 9293 §3.4). */
TT_INLINE tt_u32 tt_segment_space(const struct tt_segment *segment)
{
    return segment->length + ((segment->flags & TT_SYN) ? 1 : 0) +
           ((segment->flags & TT_FIN) ? 1 : 0);
}

#endif
