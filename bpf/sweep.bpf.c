// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sweep: what the silence after a segment means. User space reads the iterator,
 * which walks the flow table once; only watched flows are looked at.
 *
 * On its way it counts them, and corrects `watched` where races made it drift.
 * Before each sweep user space sets the sweep_ fields of tt_shared: watched_before to
 * `watched`, the others to 0.
 */
#include "emit.bpf.h"

#include <tcptrace/classify.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The record stands for the SYN that was not answered. */
static __always_inline void tt_tell_silence(struct tt_cpu *cpu, const struct tt_flow_key *key,
                                            const struct tt_flow_state *state,
                                            const struct tt_finding *finding, tt_u64 now)
{
    const struct tt_settings *chosen = tt_the_settings();
    tt_u32 sender = state->initiator & 1;
    struct tt_record *record;

    if (shared.sweep_told >= chosen->sweep_budget) {
        tt_count(cpu->counters.sweep_over_budget);
        return;
    }
    shared.sweep_told++;
    record = tt_reserve(cpu, TT_TELL_ANOMALY, now);
    if (!record)
        return;
    record->netns = chosen->netns;
    record->hook = TT_HOOK_SWEEP;
    record->way = tt_way_of(key, sender);
    record->sender = (tt_u8)sender;
    record->depth = chosen->depth;
    record->finding = *finding;
    record->segment.flags = TT_SYN;
    record->segment.sequence = state->half[sender].first_sequence;
    record->segment.family = key->family;
    record->segment.scale = TT_SCALE_ABSENT;
    record->key = *key;
    record->state = *state;
    tt_submit(record, TT_TELL_ANOMALY);
}

static __always_inline void tt_sweep_place(struct tt_cpu *cpu, struct tt_flow_set *set,
                                           tt_u32 place, tt_u64 now)
{
    struct tt_flow_state *state = &set->state[place];
    struct tt_finding finding;

    tt_expire(state, now, tt_the_settings(), &finding);
    if (state->watch) {
        shared.sweep_watched++;
    } else {
        tt_watched_changed(true, false);
        shared.sweep_ended++;
    }
    if (finding.anomalies && tt_is_wanted(state))
        tt_tell_silence(cpu, &set->key[place], state, &finding, now);
}

/* The difference is added, not the sum set, so that what changes meanwhile is kept; and
 * only if nothing changed during the sweep, else the two counts cannot be compared. */
static __always_inline void tt_end_sweep(void)
{
    tt_u64 before = shared.sweep_watched_before;

    if (shared.watched + shared.sweep_ended == before)
        __sync_fetch_and_add(&shared.watched, shared.sweep_watched - shared.watched);
    shared.sweeps++;
}

SEC("iter/bpf_map_elem")
int tcptrace_sweep(struct bpf_iter__bpf_map_elem *ctx)
{
    struct tt_cpu *cpu = tt_this_cpu();
    struct tt_flow_set *set;
    const tt_u32 *key = ctx->key;
    tt_u32 index;

    if (!key || !ctx->value) {
        tt_end_sweep();
        return 0;
    }
    index = *key;
    set = bpf_map_lookup_elem(&flows, &index);
    if (!set || !cpu)
        return 0;
#pragma unroll
    for (tt_u32 place = 0; place < TT_FLOW_PLACES; place++) {
        if (set->tag[place] && set->state[place].watch)
            tt_sweep_place(cpu, set, place, tt_now(tt_the_settings()));
    }
    return 0;
}
