/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is remembered of one flow at one observation point. classify.h is the
 * only writer; user space reads the copy that rides on every record.
 *
 * Two CPUs may update one flow at once (its ends' packets on different queues).
 * Nothing locks: each field is written whole, so a race can cost a doubled or a
 * missed event and a wrong count in one event, never a wild value or a crash.
 */
#ifndef TCPTRACE_FLOW_STATE_H
#define TCPTRACE_FLOW_STATE_H

#include "segment.h"

#define TT_WINDOW_UNKNOWN 0xffffffffU

/* tt_half.scale: a shift 0..14, or one of these. */
#define TT_SCALE_UNKNOWN 0xff
#define TT_SCALE_UNUSED 0xfe

/* tt_half.seen */
#define TT_SEEN_ANY 0x01
#define TT_SEEN_SYN 0x02 /* its SYN or SYN-ACK: `first_sequence` is the initial sequence number */
#define TT_SEEN_FIN 0x04
#define TT_SEEN_RST 0x08
#define TT_SEEN_DATA 0x10
#define TT_SEEN_ORIGIN 0x20   /* `first_sequence` is set, by its own or by an acknowledgment */
#define TT_SEEN_PRINT 0x40    /* `print_origin` is set */
#define TT_HANDSHAKE_ACK 0x80 /* from SYN to its first segment without: window still unscaled */

/* What one end has sent. Times are nanoseconds of the source's clock, 0 = never. */
struct tt_half {
    tt_u64 last_ns;       /* its latest segment of any kind */
    tt_u64 advanced_ns;   /* when next_sequence last rose */
    tt_u64 closed_ns;     /* since when its receive window is 0; 0 = open */
    tt_u32 next_sequence; /* highest end of segment seen; 0 = unknown, as Wireshark has it */
    tt_u32 last_ack;      /* acknowledgment of its latest segment, 0 without ACK */
    tt_u32 first_sequence;
    tt_u32 print_origin;     /* what tcpdump subtracts from its sequence numbers */
    tt_u32 contiguous;       /* end of what was seen without a hole; 0 = unknown */
    tt_u32 window;           /* latest, unscaled; TT_WINDOW_UNKNOWN */
    tt_s32 duplicates;       /* acknowledgments repeated in a row; TT_DUPLICATES_UNSEEN */
    tt_u16 retransmissions;  /* saturates */
    tt_u16 closings;         /* times its window closed; saturates */
    tt_u32 latest_anomalies; /* of its latest segment */
    tt_u8 scale;
    tt_u8 seen;
    tt_u16 suppressed; /* events damped since the last one told; saturates */
};

TT_STATIC_ASSERT(sizeof(struct tt_half) == 64, "one cache line a half");

/* tt_flow_state.watch: why every segment of this flow is looked at. */
#define TT_WATCH_SYN 0x01      /* a SYN has had no answer yet */
#define TT_WATCH_CLOSED_0 0x02 /* end 0 advertises no room */
#define TT_WATCH_CLOSED_1 0x04
#define TT_WATCH_ACK 0x08 /* a SYN-ACK waits for the segment that completes the handshake */

/* tt_flow_state.marks */
#define TT_MARK_UNANSWERED 0x01  /* syn_unanswered was told */
#define TT_MARK_ONE_WAY 0x02     /* one end acknowledges what we never saw */
#define TT_MARK_ICMP 0x04        /* an ICMP error answered */
#define TT_MARK_ANSWERED 0x08    /* something of the other end was seen after the SYN */
#define TT_MARK_ESTABLISHED 0x10 /* handshake round trip was measured */
#define TT_MARK_WANTED 0x20      /* the filter matched one of its packets; set by the observer */

#define TT_MARK_TROUBLED 0x40 /* an anomaly was found in it that is not harmless */

#define TT_INITIATOR_UNKNOWN 2

struct tt_flow_state {
    tt_u64 first_ns;
    tt_u64 last_ns;
    tt_u64 first_syn_ns; /* of this connection */
    tt_u64 latest_syn_ns;
    tt_u64 handshake_ns; /* latest SYN to the first ACK without SYN; 0 = not seen */
    tt_u16 syns;         /* times the SYN was sent */
    tt_u16 synacks;
    tt_u8 initiator; /* index of the end that sent the SYN, or TT_INITIATOR_UNKNOWN */
    tt_u8 watch;
    tt_u8 marks;
    tt_u8 closed; /* reset, or FIN of both ends: the place may be reused */
    struct tt_half half[2];
};

TT_STATIC_ASSERT(sizeof(struct tt_flow_state) == 176, "shared layout");

TT_INLINE void tt_half_init(struct tt_half *half)
{
    __builtin_memset(half, 0, sizeof(*half));
    half->window = TT_WINDOW_UNKNOWN;
    half->scale = TT_SCALE_UNKNOWN;
}

TT_INLINE void tt_flow_state_init(struct tt_flow_state *state, tt_u64 now)
{
    __builtin_memset(state, 0, sizeof(*state));
    state->first_ns = now;
    state->last_ns = now;
    state->initiator = TT_INITIATOR_UNKNOWN;
    tt_half_init(&state->half[0]);
    tt_half_init(&state->half[1]);
}

#endif
