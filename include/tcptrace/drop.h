/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet that the kernel freed: where it stood on its way through IP, and whether
 * healthy connections have such ones freed, too. Pure functions of what was read;
 * bpf/drops.bpf.c reads.
 *
 * Not here: names of reasons and functions, which differ from kernel to kernel and are
 * looked up in user space.
 */
#ifndef TCPTRACE_DROP_H
#define TCPTRACE_DROP_H

#include "segment.h"

/* By the hooks of netfilter; the first and the last are those at the device. */
enum tt_drop_place {
    TT_PLACE_UNKNOWN = 0,
    TT_PLACE_INGRESS = 1,
    TT_PLACE_PREROUTING = 2,
    TT_PLACE_INPUT = 3,
    TT_PLACE_FORWARD = 4,
    TT_PLACE_OUTPUT = 5,
    TT_PLACE_POSTROUTING = 6,
    TT_PLACE_EGRESS = 7,
};

enum tt_drop_route {
    TT_ROUTE_NONE = 0,    /* the packet has not been routed yet */
    TT_ROUTE_LOCAL = 1,   /* to a socket of this namespace */
    TT_ROUTE_ONWARD = 2,  /* out by a device */
    TT_ROUTE_UNKNOWN = 3, /* of another kind: a bridge's stand-in, multicast ... */
};

/* What the buffer shows of where it was. */
struct tt_drop_facts {
    tt_u8 route;          /* enum tt_drop_route */
    bool received;        /* it came in by a device of this namespace */
    bool has_device;      /* it is at a device now */
    bool at_route_device; /* which is the one its route leads to */
    bool at_entrance;     /* which is the one it came in by, and no part of a bridge or bond */
    bool in_ip;           /* IP has begun to work on it */
    bool has_link_header; /* it begins with one */
    bool is_loopback;     /* the device is lo: a packet comes in with the route it left by */
};

/*
 * IP gives a packet that it receives to PREROUTING, then routes it, then to INPUT or
 * FORWARD, and at the outgoing device to POSTROUTING; one of its own to OUTPUT before the
 * device is set (ip_output() in net/ipv4/ip_output.c, the same in IPv6).
 */
TT_INLINE tt_u8 tt_place_of(const struct tt_drop_facts *facts)
{
    if (facts->route == TT_ROUTE_UNKNOWN)
        return TT_PLACE_UNKNOWN;
    if (facts->received && facts->is_loopback)
        return TT_PLACE_UNKNOWN;
    if (facts->route == TT_ROUTE_NONE) {
        if (!facts->received)
            return TT_PLACE_UNKNOWN;
        if (facts->in_ip)
            return TT_PLACE_PREROUTING;
        return facts->at_entrance ? TT_PLACE_INGRESS : TT_PLACE_UNKNOWN;
    }
    if (facts->received && facts->route == TT_ROUTE_LOCAL)
        return TT_PLACE_INPUT;
    if (facts->has_link_header)
        return TT_PLACE_EGRESS;
    if (facts->has_device && facts->at_route_device)
        return TT_PLACE_POSTROUTING;
    return facts->received ? TT_PLACE_FORWARD : TT_PLACE_OUTPUT;
}

#define TT_INTERFACE_NAME_MAX 16 /* IFNAMSIZ */

/* Of a drop, in its record. */
struct tt_drop_view {
    tt_u64 location;    /* address of the code that freed the packet */
    tt_u32 reason;      /* enum skb_drop_reason of this kernel, or of a subsystem of it */
    tt_u32 ifindex;     /* it came by, or was to leave by; 0: not known */
    tt_u8 knows_reason; /* the kernel gives one (5.17) */
    tt_u8 place;        /* enum tt_drop_place */
    tt_u8 zero[6];
    char interface[TT_INTERFACE_NAME_MAX]; /* its name in its namespace; empty: not known */
};

/*
 * What a kernel frees on healthy connections, too: where it has reasons by the reason, and
 * by the code that it is freed in, and by the TCP flags. User space makes these from names
 * (userspace/source/quiet_drops.cpp), before load.
 */
struct tt_quiet_drop {
    tt_u64 code_begin; /* addresses; the end does not belong to it */
    tt_u64 code_end;
    tt_u32 reason; /* of this kernel; TT_REASON_ANY where it has none */
    tt_u8 flags;   /* of those in flags_of, these are set */
    tt_u8 flags_of;
    tt_u8 without_data; /* only a segment that carries none */
    tt_u8 zero;
};

TT_STATIC_ASSERT(sizeof(struct tt_quiet_drop) == 24, "shared layout");

#define TT_QUIET_DROPS_MAX 64
#define TT_REASON_ANY 0xffffffffU

struct tt_quiet_drops {
    struct tt_quiet_drop each[TT_QUIET_DROPS_MAX];
    tt_u32 count;
    tt_u32 zero;
};

TT_INLINE bool tt_is_quiet(const struct tt_quiet_drop *quiet, tt_u64 location, tt_u32 reason,
                           tt_u8 flags, tt_u32 length)
{
    return (quiet->reason == reason || quiet->reason == TT_REASON_ANY) &&
           location >= quiet->code_begin && location < quiet->code_end &&
           (flags & quiet->flags_of) == quiet->flags && (length == 0 || !quiet->without_data);
}

/* Of one flow, at one place in the kernel, the first so many in each second are told, and
 * then each power of two; the others ride on these, so that no count is short by half. */
#define TT_DROPS_TOLD_OF_FLOW 8
/* And so many by one CPU in each period, whatever the flow. */
#define TT_DROPS_TOLD_BY_CPU 100
#define TT_DROPS_PERIOD_NS (100 * TT_NSEC_PER_MSEC)

struct tt_drop_rate {
    tt_u64 since_ns;
    tt_u32 seen; /* since then */
    tt_u32 suppressed;
};

TT_INLINE bool tt_is_drop_told(tt_u32 seen)
{
    return seen <= TT_DROPS_TOLD_OF_FLOW || (seen & (seen - 1)) == 0;
}

#endif
