/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The names of what a segment can be: one bit each, one id each (contract §3).
 * To add one: a line here, its rule in classify.h, a scenario, a row in
 * docs/output.md.
 */
#ifndef TCPTRACE_ANOMALY_H
#define TCPTRACE_ANOMALY_H

#include "types.h"

/* X(bit, NAME, id) */
#define TT_ANOMALIES(X)                                    \
    X(0, SYN_RETRANSMISSION, syn_retransmission)           \
    X(1, SYNACK_RETRANSMISSION, synack_retransmission)     \
    X(2, SYN_UNANSWERED, syn_unanswered)                   \
    X(3, RESET, reset)                                     \
    X(4, RETRANSMISSION, retransmission)                   \
    X(5, FAST_RETRANSMISSION, fast_retransmission)         \
    X(6, SPURIOUS_RETRANSMISSION, spurious_retransmission) \
    X(7, OUT_OF_ORDER, out_of_order)                       \
    X(8, LOST_SEGMENT, lost_segment)                       \
    X(9, DUPLICATE_ACK, duplicate_ack)                     \
    X(10, ZERO_WINDOW, zero_window)                        \
    X(11, ZERO_WINDOW_PROBE, zero_window_probe)            \
    X(12, WINDOW_FULL, window_full)                        \
    X(13, WINDOW_UPDATE, window_update)                    \
    X(14, KEEP_ALIVE, keep_alive)                          \
    X(15, REUSED_PORTS, reused_ports)                      \
    X(16, ICMP_ERROR, icmp_error)                          \
    X(17, DROP, drop)

enum tt_anomaly {
#define TT_ANOMALY_BIT(bit, NAME, id) TT_##NAME = 1U << bit,
    TT_ANOMALIES(TT_ANOMALY_BIT)
#undef TT_ANOMALY_BIT
};

#define TT_RETRANSMISSIONS (TT_RETRANSMISSION | TT_FAST_RETRANSMISSION | TT_SPURIOUS_RETRANSMISSION)

/* What healthy connections do, too. */
#define TT_HARMLESS (TT_WINDOW_UPDATE | TT_KEEP_ALIVE)

/* Signs: what a detector needs to know although it is no anomaly. */
#define TT_SIGN_CONNECTION 0x01  /* first SYN of a connection */
#define TT_SIGN_ESTABLISHED 0x02 /* handshake complete; its time is in handshake_ns */
#define TT_SIGN_WINDOW_OPENED                                                                \
    0x04                      /* the window opened again; elapsed_ns: how long it was closed \
                               */
#define TT_SIGN_ONE_WAY 0x08  /* an end acknowledges what was never seen here */
#define TT_SIGN_ANSWERED 0x10 /* the first answer to a SYN that was told as unanswered */
#define TT_SIGN_PRINT_ORIGIN                                         \
    0x20 /* tcpdump prints this segment's numbers as they stand, and \
            the pair's later ones relative to them */

#define TT_SIGN_DSACK 0x40 /* the other end sent for nothing something that this one had */

/* When a reset came (contract §3, `stage`). */
enum tt_stage {
    TT_STAGE_UNKNOWN = 0,
    TT_STAGE_SYN = 1,       /* in answer to a SYN */
    TT_STAGE_HANDSHAKE = 2, /* after the SYN-ACK, before data */
    TT_STAGE_DATA = 3,
    TT_STAGE_CLOSING = 4, /* after a FIN */
};

/* What classify.h has to say of one segment, or of the silence after one. */
struct tt_finding {
    tt_u32 anomalies;  /* set of enum tt_anomaly */
    tt_u32 number;     /* which repetition this is, from 1; 0: does not apply */
    tt_u64 elapsed_ns; /* since the segment it repeats, or what the sign or anomaly says */
    tt_u32 suppressed; /* events of this end damped since the last one told */
    tt_u8 stage;       /* enum tt_stage, of a reset */
    tt_u8 signs;
    tt_u8 zero[2];
};

TT_STATIC_ASSERT(sizeof(struct tt_finding) == 24, "shared layout");

#endif
