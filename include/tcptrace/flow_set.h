/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's flow table: an ARRAY map whose element is one set of four places.
 * A flow's hash names its set; within the set it may stand in any place. Why not
 * a hash map: docs/decisions/0002.
 *
 * Not here: the map itself (bpf/maps.bpf.h), and who gets a state (attention.h).
 *
 * Races. Nothing locks. Two CPUs that make a state for one new flow at once may
 * make two; later segments find the first, so what the second was told is lost. A
 * CPU that still works on a state whose place another has just given away writes
 * into the new flow's state. Both cost one doubled, missed or wrong event of flows
 * that were born or evicted within the same microsecond; keys are compared whole on
 * each lookup and the tag is written last, so a flow never takes another's state.
 */
#ifndef TCPTRACE_FLOW_SET_H
#define TCPTRACE_FLOW_SET_H

#include "flow_state.h"

#define TT_FLOW_PLACES 4
#define TT_FLOWS_DEFAULT 65536

struct tt_flow_set {
    tt_u32 tag[TT_FLOW_PLACES]; /* 0: free */
    struct tt_flow_key key[TT_FLOW_PLACES];
    struct tt_flow_state state[TT_FLOW_PLACES];
};

TT_STATIC_ASSERT(sizeof(struct tt_flow_set) == 896, "whole cache lines");

/* The low half of the hash names the set, the high half the flow within it. */
TT_INLINE tt_u32 tt_flow_tag(tt_u64 hash)
{
    return (tt_u32)(hash >> 32) | 1;
}

/* Where the flow stands, or TT_FLOW_PLACES. */
TT_INLINE tt_u32 tt_flow_set_find(const struct tt_flow_set *set, tt_u32 tag,
                                  const struct tt_flow_key *key)
{
#pragma GCC unroll 4
    for (tt_u32 i = 0; i < TT_FLOW_PLACES; i++) {
        if (set->tag[i] == tag && tt_flow_key_equal(&set->key[i], key))
            return i;
    }
    return TT_FLOW_PLACES;
}

/* The lower, the sooner it is given away: free, then closed, then not watched, each
 * idle longest first. */
TT_INLINE tt_u64 tt_flow_place_worth(const struct tt_flow_set *set, tt_u32 i)
{
    const struct tt_flow_state *state = &set->state[i];
    tt_u64 kind = state->watch ? 3 : state->closed ? 1 : 2;

    return set->tag[i] ? kind << 62 | state->last_ns >> 2 : 0;
}

/* Which place a new flow gets. */
TT_INLINE tt_u32 tt_flow_set_choose(const struct tt_flow_set *set)
{
    tt_u64 least = tt_flow_place_worth(set, 0);
    tt_u32 chosen = 0;

#pragma GCC unroll 4
    for (tt_u32 i = 1; i < TT_FLOW_PLACES; i++) {
        tt_u64 worth = tt_flow_place_worth(set, i);

        if (worth < least) {
            least = worth;
            chosen = i;
        }
    }
    return chosen;
}

#endif
