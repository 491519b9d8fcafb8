// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Packets that the kernel frees because it drops them (kfree_skb), in every network
 * namespace of the machine. Runs only then: a packet that arrives is consumed, which is
 * another tracepoint. What healthy connections show, too, is counted and ends here;
 * so does most of a storm.
 *
 * Not here: what the numbers mean to a user, which userspace/source/drop_names.h says.
 */
#include "dropped.bpf.h"
#include "emit.bpf.h"

/* By flow, sender, place in the code and namespace, folded to one number. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 8192);
    __type(key, tt_u64);
    __type(value, struct tt_drop_rate);
} drop_rates SEC(".maps");

/* Filled before anything is attached. A map and not read-only data: the verifier would know
 * each number, and follow each row's way for itself. */
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, tt_u32);
    __type(value, struct tt_quiet_drops);
} quiet_drops SEC(".maps");

/* Global, so that the verifier looks at it once, knowing nothing of its arguments. */
__noinline int tt_is_usual(tt_u64 location, tt_u32 reason, tt_u32 flags, tt_u32 length)
{
    tt_u32 only = 0;
    const struct tt_quiet_drops *quiet = bpf_map_lookup_elem(&quiet_drops, &only);

    if (!quiet)
        return false;
    for (tt_u32 i = 0; i < TT_QUIET_DROPS_MAX; i++) {
        if (i >= quiet->count)
            break;
        if (tt_is_quiet(&quiet->each[i], location, reason, (tt_u8)flags, length))
            return true;
    }
    return false;
}

/* A storm of drops is to cost little here and in user space, and what else is told is to
 * find room in the ring. */
static __always_inline bool tt_is_over_budget(struct tt_cpu *cpu, tt_u64 now)
{
    if (now - cpu->drops_since_ns >= TT_DROPS_PERIOD_NS) {
        cpu->drops_since_ns = now;
        cpu->drops_told = 0;
    }
    return cpu->drops_told >= TT_DROPS_TOLD_BY_CPU ||
           bpf_ringbuf_query(&anomalies, BPF_RB_AVAIL_DATA) >
               bpf_ringbuf_query(&anomalies, BPF_RB_RING_SIZE) / 2;
}

/* Is this one to be told? *suppressed: those before it that were not. CPUs that drop
 * packets of one flow at once may miscount. */
static __always_inline bool tt_is_due(struct tt_cpu *cpu, tt_u64 id, tt_u64 now, tt_u32 *suppressed)
{
    struct tt_drop_rate *rate = bpf_map_lookup_elem(&drop_rates, &id);

    *suppressed = 0;
    if (!rate) {
        struct tt_drop_rate first = {.since_ns = now, .seen = 1};

        bpf_map_update_elem(&drop_rates, &id, &first, BPF_ANY);
        return true;
    }
    if (now - rate->since_ns >= TT_NSEC_PER_SEC) {
        rate->since_ns = now;
        rate->seen = 0;
    }
    rate->seen++;
    if (!tt_is_drop_told(rate->seen)) {
        rate->suppressed++;
        tt_count(cpu->counters.events_suppressed);
        return false;
    }
    *suppressed = rate->suppressed;
    rate->suppressed = 0;
    return true;
}

static __always_inline void tt_copy_dropped(const struct tt_dropped *dropped,
                                            struct tt_record *record)
{
    tt_u64 length = dropped->linear < dropped->wire_length ? dropped->linear : dropped->wire_length;

    tt_clamp_length(length, TT_HEAD_MAX);
    if (bpf_probe_read_kernel(record->head, (tt_u32)length, dropped->ip) == 0)
        record->head_length = (tt_u16)length;
    record->link = TT_LINK_RAW;
    record->wire_length = dropped->wire_length;
}

/* At the interface that is told. */
static __always_inline tt_u8 tt_way_at(const struct tt_drop_view *view)
{
    switch (view->place) {
    case TT_PLACE_INGRESS:
    case TT_PLACE_PREROUTING:
    case TT_PLACE_INPUT:
    case TT_PLACE_FORWARD:
        return TT_IN;
    case TT_PLACE_OUTPUT:
    case TT_PLACE_POSTROUTING:
    case TT_PLACE_EGRESS:
        return TT_OUT;
    default:
        return TT_WAY_UNKNOWN;
    }
}

static __always_inline void tt_tell_drop(const struct tt_dropped *dropped,
                                         const struct tt_drop_view *view, const struct sock *for_sk,
                                         tt_u32 netns)
{
    const struct tt_settings *chosen = tt_the_settings();
    const struct tt_segment *segment = &dropped->packet.segment;
    struct tt_cpu *cpu = tt_this_cpu();
    tt_u64 now = tt_now(chosen);
    struct tt_record *record;
    struct tt_flow_key key;
    tt_u32 suppressed;
    tt_u32 sender;
    tt_u64 id;

    if (!cpu)
        return;
    if (tt_is_usual(view->location, view->reason, segment->flags, segment->length) ||
        tt_is_repeated(for_sk, segment)) {
        tt_count(cpu->counters.drops_quiet);
        return;
    }
    sender = tt_flow_key_make(&key, &dropped->packet.ends, segment->family, 0, TT_WAY_UNKNOWN);
    id =
        tt_flow_key_hash(&key, chosen->seed) ^ (view->location << 1 | sender) ^ (tt_u64)netns << 32;
    if (tt_is_over_budget(cpu, now)) {
        tt_count(cpu->counters.drops_over_budget);
        return;
    }
    if (!tt_is_due(cpu, id, now, &suppressed))
        return;
    cpu->drops_told++;
    record = tt_reserve(cpu, TT_TELL_ANOMALY, now);
    if (!record)
        return;
    record->netns = netns;
    record->witness = TT_WITNESS_STACK;
    record->hook = TT_HOOK_DROP;
    record->way = tt_way_at(view);
    record->depth = TT_DEPTH_STACK;
    record->finding.anomalies = TT_DROP;
    record->finding.suppressed = suppressed;
    record->segment = *segment;
    record->drop = *view;
    record->key = key;
    record->sender = (tt_u8)sender;
    tt_flow_state_init(&record->state, now);
    if ((segment->flags & (TT_SYN | TT_ACK)) == TT_SYN)
        record->state.initiator = (tt_u8)sender;
    tt_copy_dropped(dropped, record);
    tt_submit(record, TT_TELL_ANOMALY);
}

/* (skb, location), from 5.17 with the reason, from 6.11 with the socket it was for. */
SEC("tp_btf/kfree_skb")
int tcptrace_drop(unsigned long long *ctx)
{
    const struct sk_buff *skb = (const void *)ctx[0];
    struct tt_drop_view view = {.location = ctx[1], .reason = TT_REASON_ANY};
    const struct sock *for_sk = NULL;
    struct tt_dropped dropped;
    tt_u32 netns;

    if (kernel.kfree_skb_arguments >= 3) {
        view.reason = (tt_u32)ctx[2];
        view.knows_reason = 1;
    }
    if (kernel.kfree_skb_arguments >= 4)
        for_sk = (const void *)ctx[3];
    if (!tt_read_dropped(skb, &dropped))
        return 0;
    netns = tt_look_around(skb, for_sk, dropped.ip, &view);
    tt_tell_drop(&dropped, &view, for_sk, netns);
    return 0;
}
