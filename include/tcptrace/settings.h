/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the user chose that the classifier and the BPF programs must know.
 * Written once before load (read-only data there: dead branches cost nothing).
 */
#ifndef TCPTRACE_SETTINGS_H
#define TCPTRACE_SETTINGS_H

#include "types.h"

/* How much of the traffic the classifier is shown; it must not claim more. */
enum tt_depth {
    TT_DEPTH_STACK = 0,    /* tracepoints only */
    TT_DEPTH_NOTABLE = 1,  /* and SYN, SYN-ACK, FIN, RST, window 0, ICMP errors */
    TT_DEPTH_SEQUENCE = 2, /* every segment */
};

#define TT_SYN_LIMIT_DEFAULT_NS (1 * TT_NSEC_PER_SEC)

struct tt_settings {
    tt_u64 syn_limit_ns; /* a SYN without answer for this long is an event */
    tt_u64 seed;         /* of the flow hash */
    tt_u32 netns;        /* inode number of the namespace the hooks are in */
    tt_u32 sweep_budget; /* syn_unanswered records one sweep may tell; the rest is counted */
    tt_u8 depth;         /* enum tt_depth */
    tt_u8 damp;          /* live: report edges of windows and bursts, count the rest */
    tt_u8 evidence;      /* also tell handshake, FIN and RST segments that are no anomaly */
    tt_u8 only_netns;    /* resets received and states are told of sockets in `netns` only */
    tt_u8 packet_clock;  /* take time from tt_shared.test_clock_ns (tests) */
    tt_u8 packets;       /* send each packet that the filter lets through */
    tt_u8 filtered;      /* the user's filter ran before: tt_cpu.verdict is of this frame */
    tt_u8 on_anomaly;    /* send packets only of flows that had an anomaly */
    tt_u32 snaplen;      /* bytes of a packet that are sent */
    tt_u32 recorder;     /* packets that each CPU remembers, a power of two; 0: none */
};

TT_STATIC_ASSERT(sizeof(struct tt_settings) == 40, "shared layout");

#endif
