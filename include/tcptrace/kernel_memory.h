/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs keep beside the flow table, and user space reads or sets:
 * one struct for each CPU, one shared by all, one fixed before load.
 */
#ifndef TCPTRACE_KERNEL_MEMORY_H
#define TCPTRACE_KERNEL_MEMORY_H

#include "anomaly.h"
#include "counters.h"
#include "flow_state.h"
#include "histogram.h"
#include "record.h"

/* The frame a hook is at: what the gate found out, for what stands behind it. */
struct tt_frame_facts {
    tt_u32 wire_length;
    tt_u32 ifindex;
    tt_u32 transport_bytes; /* the next five as in struct tt_headers */
    tt_u16 network_offset;
    tt_u16 transport_offset;
    tt_u8 family;
    tt_u8 protocol;
    tt_u8 link;    /* enum tt_link */
    tt_u8 hook;    /* enum tt_hook */
    tt_u8 way;     /* enum tt_way */
    tt_u8 notable; /* the gate says so */
    tt_u8 cast;    /* enum tt_cast */
    tt_u8 zero;
};

/*
 * One lookup a packet finds all of it. Two hooks never run at once on one CPU (each
 * runs with bottom halves off), so what follows the counters has one user at a time.
 * The tracepoints and the sweep can be interrupted by a hook; they use only the
 * counters, and add to them atomically.
 */
struct tt_cpu {
    struct tt_counters counters;
    struct tt_frame_facts frame;
    struct tt_packet packet;
    struct tt_flow_key key;
    struct tt_finding finding;
    struct tt_flow_state scratch; /* of a segment whose flow gets no place */
    tt_u64 seen_ns;               /* when the frame was recorded or classified; 0: not yet */
    tt_u32 verdict;               /* of the user's filter on the frame: 0 or not */
    tt_u32 recorded;              /* packets so far: the next place in the recorder */
    tt_u8 sender;                 /* of the segment: index in key */
    tt_u8 troubled;               /* its flow had an anomaly */
    tt_u8 zero[6];
    tt_u64 drops_since_ns; /* drops told since then; races cost a miscount */
    tt_u64 drops_told;
    tt_u64 handshake[TT_HISTOGRAM_BUCKETS];
};

/*
 * The recorder: the latest segments' headers, so that what came before an anomaly can be
 * told with it. A ring for each CPU, one behind the other in one array that user space
 * maps. A place that is being written has time 0; who reads looks at the time before and
 * after.
 */
#define TT_RECORDED_BYTES 104 /* Ethernet, IPv6, TCP with timestamps and SACK fit */

struct tt_recorded {
    tt_u64 time_ns;
    tt_u32 wire_length;
    tt_u32 ifindex;
    tt_u8 head_length;
    tt_u8 link; /* enum tt_link */
    tt_u8 way;  /* enum tt_way */
    tt_u8 cast; /* enum tt_cast */
    tt_u8 hook; /* enum tt_hook */
    tt_u8 zero[3];
    tt_u8 head[TT_RECORDED_BYTES];
};

TT_STATIC_ASSERT(sizeof(struct tt_recorded) == 128, "two cache lines");

struct tt_shared {
    tt_u64 watched;       /* flows whose every segment is looked at, signed: races make it drift */
    tt_u64 test_clock_ns; /* settings.packet_clock: what time it is */
    /* Of the sweep under way; user space sets the first four before it. */
    tt_u64 sweep_watched_before;
    tt_u64 sweep_watched; /* flows found watched, and still */
    tt_u64 sweep_ended;   /* flows whose watch the sweep ended */
    tt_u64 sweep_told;
    tt_u64 sweeps; /* brought to their end */
} __attribute__((aligned(64)));

/* Known before load, like tt_settings, but found out and not chosen. */
struct tt_kernel {
    tt_u32 flow_sets_mask;          /* number of sets, a power of two, less 1 */
    tt_u32 evidence_wake;           /* bytes waiting in the evidence ring that wake its reader */
    tt_u8 retransmit_skb_arguments; /* tracepoints take more of them from kernel to kernel */
    tt_u8 send_reset_arguments;
    tt_u8 kfree_skb_arguments;
    tt_u8 zero[5];
};

/* Where a packet's record is put together before it goes to the ring: one for each CPU, in
 * an ordinary array because per-CPU values end at 32 KiB. */
struct tt_packet_buffer {
    struct tt_record record; /* bytes run on from record.head */
    tt_u8 rest[TT_PACKET_BYTES_MAX + 1];
};

#endif
