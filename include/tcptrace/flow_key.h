/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which flow, seen from where: the key under which both directions of one
 * connection meet at one observation point.
 *
 * One packet passes several hooks (veth, bridge, physical device, and lo twice).
 * Were they to share a state, the second sight would look like a retransmission.
 * So the point is part of the key; only user space merges points into a flow.
 */
#ifndef TCPTRACE_FLOW_KEY_H
#define TCPTRACE_FLOW_KEY_H

#include "types.h"

enum tt_family { TT_IPV4 = 4, TT_IPV6 = 6 };

/* Relative to the host that owns the interface, as tcpdump's In and Out. */
enum tt_way { TT_IN = 0, TT_OUT = 1, TT_WAY_UNKNOWN = 2 };

/* An address: network byte order; IPv4 in the last four bytes, the rest as an
 * IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), so one comparison serves both. */
union tt_address {
    tt_u8 bytes[16];
    tt_u32 words[4];
};

/* Sender and receiver of one packet; ports in host byte order. */
struct tt_endpoints {
    union tt_address source;
    union tt_address destination;
    tt_u16 source_port;
    tt_u16 destination_port;
};

/*
 * End 0 is the lower of the two endpoints, end 1 the higher (any total order
 * does; it is stable for one machine, not across byte orders).
 *
 * `side` says whose view of the interface this is: packets of end 0 going out
 * and of end 1 coming in are side 0, the opposite is side 1. On an ordinary
 * interface a connection has one side; on lo, and where a bridge sends a packet
 * back through the port it came from, it has both, each consistent in itself.
 */
struct tt_flow_key {
    union tt_address address[2];
    tt_u16 port[2]; /* host byte order */
    tt_u32 ifindex; /* 0: unknown (a file that does not say) */
    tt_u8 family;   /* enum tt_family */
    tt_u8 side;     /* 0, 1; 2: direction unknown */
    tt_u16 zero;    /* keys are compared and hashed as words: no padding */
};

TT_STATIC_ASSERT(sizeof(struct tt_flow_key) == 44, "eleven words, no padding");
#define TT_FLOW_KEY_WORDS 11

TT_INLINE bool tt_source_is_end1(const struct tt_endpoints *ends)
{
    for (int i = 3; i >= 0; i--) {
        if (ends->source.words[i] != ends->destination.words[i])
            return ends->source.words[i] > ends->destination.words[i];
    }
    return ends->source_port > ends->destination_port;
}

/*
 * Fills *key for a packet between *ends seen at (ifindex, way).
 * Returns the index (0 or 1) of the end that sent it.
 */
TT_INLINE tt_u32 tt_flow_key_make(struct tt_flow_key *key, const struct tt_endpoints *ends,
                                  tt_u8 family, tt_u32 ifindex, tt_u32 way)
{
    tt_u32 sender = tt_source_is_end1(ends);

    key->address[0] = sender ? ends->destination : ends->source;
    key->address[1] = sender ? ends->source : ends->destination;
    key->port[0] = sender ? ends->destination_port : ends->source_port;
    key->port[1] = sender ? ends->source_port : ends->destination_port;
    key->ifindex = ifindex;
    key->family = family;
    key->side = (tt_u8)(way == TT_WAY_UNKNOWN ? 2 : ((way == TT_OUT) ^ (sender == 0)));
    key->zero = 0;
    return sender;
}

/* Which way at its point a segment of `sender` goes. */
TT_INLINE tt_u8 tt_way_of(const struct tt_flow_key *key, tt_u32 sender)
{
    if (key->side > 1)
        return TT_WAY_UNKNOWN;
    return key->side != (sender == 0) ? TT_OUT : TT_IN;
}

TT_INLINE bool tt_flow_key_equal(const struct tt_flow_key *a, const struct tt_flow_key *b)
{
    const tt_u32 *x = (const tt_u32 *)(const void *)a;
    const tt_u32 *y = (const tt_u32 *)(const void *)b;
    tt_u32 difference = 0;

#pragma GCC unroll 11
    for (int i = 0; i < TT_FLOW_KEY_WORDS; i++)
        difference |= x[i] ^ y[i];
    return difference == 0;
}

/*
 * A keyed multiply-and-fold hash. `seed` is random for each run, so that nobody
 * who chooses ports from afar can aim many flows at one bucket.
 */
TT_INLINE tt_u64 tt_flow_key_hash(const struct tt_flow_key *key, tt_u64 seed)
{
    const tt_u32 *words = (const tt_u32 *)(const void *)key;
    tt_u64 hash = (seed ^ words[TT_FLOW_KEY_WORDS - 1]) * 0x9e3779b97f4a7c15ULL;

#pragma GCC unroll 5
    for (int i = 0; i + 1 < TT_FLOW_KEY_WORDS; i += 2) {
        hash = (hash ^ ((tt_u64)words[i] << 32 | words[i + 1])) * 0xff51afd7ed558ccdULL;
        hash ^= hash >> 32;
    }
    /* Once more, so that each bit of the last words (ports) reaches the low bits, which
     * choose the place: ephemeral ports come in steps of two. */
    hash *= 0xc4ceb9fe1a85ec53ULL;
    return hash ^ hash >> 29;
}

#endif
