// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The hooks at traffic control, for TCX links and clsact filters alike: two for
 * devices with an Ethernet header, two for those that begin with IP (tun, WireGuard,
 * IP tunnels). They change no packet and no packet's fate.
 */
#include "observe.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TT_NEXT (-1) /* TCX_NEXT, TC_ACT_UNSPEC: as if we were not here */

static __always_inline void tt_copy_head(void *context, struct tt_record *record)
{
    tt_u64 length = record->wire_length;

    tt_clamp_length(length, TT_HEAD_MAX);
    if (bpf_skb_load_bytes(context, 0, record->head, (tt_u32)length) == 0)
        record->head_length = (tt_u16)length;
}

/* Global, so that the verifier looks at it once and not once for each way to it. */
__noinline int tt_attend_skb(struct __sk_buff *skb)
{
    tt_attend(skb);
    return 0;
}

static __always_inline int tt_observe_skb(struct __sk_buff *skb, tt_u8 hook, tt_u8 way, tt_u8 link)
{
    struct tt_view view = {.wire_length = skb->len, .link = link};
    struct tt_cpu *cpu = tt_this_cpu();
    int outcome;

    if (!cpu)
        return TT_NEXT;
    cpu->counters.packets_seen++;
    cpu->frame.wire_length = view.wire_length;
    cpu->frame.ifindex = skb->ifindex;
    cpu->frame.link = link;
    cpu->frame.hook = hook;
    cpu->frame.way = way;
    /* Twice at most: headers that lie in the buffer's fragments are pulled once. */
#pragma clang loop unroll(disable)
    for (int round = 0; round < 2; round++) {
        view.begin = (const tt_u8 *)(long)skb->data;
        view.end = (const tt_u8 *)(long)skb->data_end;
        view.rest = round == 0 && view.wire_length > (tt_u32)(view.end - view.begin);
        outcome = tt_observe(&view, cpu);
        if (outcome == TT_DONE)
            return TT_NEXT;
        if (outcome == TT_ATTEND)
            break;
        bpf_skb_pull_data(skb, view.wire_length < TT_HEAD_MAX ? view.wire_length : TT_HEAD_MAX);
    }
    tt_attend_skb(skb);
    return TT_NEXT;
}

SEC("tc")
int tcptrace_in(struct __sk_buff *skb)
{
    return tt_observe_skb(skb, TT_HOOK_TC_INGRESS, TT_IN, TT_LINK_ETHERNET);
}

SEC("tc")
int tcptrace_out(struct __sk_buff *skb)
{
    return tt_observe_skb(skb, TT_HOOK_TC_EGRESS, TT_OUT, TT_LINK_ETHERNET);
}

SEC("tc")
int tcptrace_in_raw(struct __sk_buff *skb)
{
    return tt_observe_skb(skb, TT_HOOK_TC_INGRESS, TT_IN, TT_LINK_RAW);
}

SEC("tc")
int tcptrace_outraw(struct __sk_buff *skb)
{
    return tt_observe_skb(skb, TT_HOOK_TC_EGRESS, TT_OUT, TT_LINK_RAW);
}
