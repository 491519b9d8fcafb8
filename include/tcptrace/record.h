/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one record that travels from an observer to user space: what was seen, by
 * whom, what the classifier made of it, what is remembered of the flow, and the
 * first bytes of the frame. The pcap source makes the same record from a file.
 */
#ifndef TCPTRACE_RECORD_H
#define TCPTRACE_RECORD_H

#include "anomaly.h"
#include "drop.h"
#include "flow_state.h"
#include "parse.h"

#define TT_HEAD_MAX 192 /* stacked VLANs + IPv6 + ICMPv6 + quoted IPv6 + TCP with options */

enum tt_witness {
    TT_WITNESS_WIRE = 0,  /* a frame on an interface (or in a file), or its absence */
    TT_WITNESS_STACK = 1, /* the kernel's own TCP, by a tracepoint */
};

/* For whom a link-layer frame was, as the kernel (linux/if_packet.h) and cooked captures
 * number it. */
enum tt_cast {
    TT_CAST_HOST = 0,
    TT_CAST_BROADCAST = 1,
    TT_CAST_MULTICAST = 2,
    TT_CAST_OTHER = 3,
    TT_CAST_OUTGOING = 4,
};

enum tt_hook {
    TT_HOOK_FILE = 0,
    TT_HOOK_TC_INGRESS = 1,
    TT_HOOK_TC_EGRESS = 2,
    TT_HOOK_XDP = 3,
    TT_HOOK_SWEEP = 4, /* nothing came */
    TT_HOOK_RETRANSMIT_SKB = 5,
    TT_HOOK_RETRANSMIT_SYNACK = 6,
    TT_HOOK_SEND_RESET = 7,
    TT_HOOK_RECEIVE_RESET = 8,
    TT_HOOK_SET_STATE = 9,
    TT_HOOK_DROP = 10, /* the kernel freed the packet in head[], whatever namespace it was in */
};

#define TT_PROCESS_NAME_MAX 16 /* TASK_COMM_LEN; the kernel's ABI since 2.6 */

/* What only the stack can tell; zero for TT_WITNESS_WIRE. */
struct tt_stack_view {
    tt_u64 socket;        /* address of the socket: an identity, never followed; 0 = none */
    tt_u32 data_segments; /* segments with data this socket has sent */
    tt_u8 state;          /* socket state (TCP_ESTABLISHED = 1 ... as in the kernel) */
    tt_u8 new_state;      /* TT_HOOK_SET_STATE only */
    tt_u8 reason;         /* enum sk_rst_reason of this kernel, TT_HOOK_SEND_RESET from 6.10 */
    tt_u8 knows_reason;
    tt_u8 probe;    /* a tail loss probe (RFC 8985 §7): sent to learn, not because of loss */
    tt_u8 why;      /* enum tt_reset_why (stack.h), TT_HOOK_SEND_RESET only */
    tt_u8 exiting;  /* the process was at its end, and its sockets were closed for it */
    tt_u8 signal;   /* that ended it; 0: it exited */
    tt_u32 pid;     /* of the process whose doing it was; 0: none's, or not known */
    tt_u64 died_ns; /* when it was given that signal; 0: not known */
    char process[TT_PROCESS_NAME_MAX]; /* ends with a zero */
    tt_u8 error; /* TT_HOOK_RETRANSMIT_SKB from 6.17: errno, and nothing left; else 0 */
    tt_u8 zero[7];
};

struct tt_record {
    tt_u64 time_ns;     /* the source's clock: boot time live, wall time in a file */
    tt_u32 wire_length; /* bytes of the whole frame; 0: no frame (sweep, stack) */
    tt_u32 netns;       /* inode number of the network namespace; 0 unknown */
    tt_u16 head_length; /* bytes valid in head[]; 0: only flags, sequence and length are known */
    tt_u8 link;         /* enum tt_link: how head[] begins */
    tt_u8 witness;      /* enum tt_witness */
    tt_u8 hook;         /* enum tt_hook */
    tt_u8 way;          /* enum tt_way */
    tt_u8 sender;       /* index of the end that sent the segment */
    tt_u8 depth;        /* enum tt_depth it was classified at */
    struct tt_finding finding;
    struct tt_segment segment;
    struct tt_stack_view stack;
    struct tt_drop_view drop; /* TT_HOOK_DROP only */
    struct tt_flow_key key;   /* of a packet without a segment: family 0, and only `ifindex` */
    tt_u8 is_packet;          /* TT_RECORD_PACKET */
    tt_u8 cast;               /* enum tt_cast, of a packet */
    tt_u8 zero[2];
    struct tt_flow_state state; /* after this segment */
    tt_u8 head[TT_HEAD_MAX];
};

/*
 * A record of a packet that is shown or written, whatever it is: `head` goes on for
 * head_length bytes, and the ring's entry ends there. A VLAN tag that the device took
 * off stands in it again. `state` is set only if there are anomalies.
 */
#define TT_RECORD_PACKET 1
#define TT_PACKET_BYTES_MAX 65535

TT_STATIC_ASSERT(sizeof(struct tt_record) % 8 == 0, "records stand back to back in the ring");
TT_STATIC_ASSERT(__builtin_offsetof(struct tt_record, state) % 8 == 0, "aligned");

#endif
