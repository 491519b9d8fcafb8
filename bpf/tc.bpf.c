// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The hooks at traffic control, for TCX links and clsact filters alike: two for
 * devices with an Ethernet header, two for those that begin with IP (tun, WireGuard,
 * IP tunnels). They change no packet and no packet's fate.
 */
#include "packet.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TT_NEXT (-1) /* TCX_NEXT, TC_ACT_UNSPEC: as if we were not here */

/* A VLAN tag in the frame (IEEE 802.1Q): behind the two addresses. */
#define TT_TAG_PLACE 12
#define TT_TAG_LENGTH 4

static __always_inline void tt_copy_head(void *context, struct tt_record *record)
{
    tt_u64 length = record->wire_length;

    tt_clamp_length(length, TT_HEAD_MAX);
    if (bpf_skb_load_bytes(context, 0, record->head, (tt_u32)length) == 0)
        record->head_length = (tt_u16)length;
}

static __always_inline struct tt_view tt_view_of(struct __sk_buff *skb)
{
    struct tt_view view = {
        .begin = (const tt_u8 *)(long)skb->data,
        .end = (const tt_u8 *)(long)skb->data_end,
        .wire_length = skb->len,
    };

    return view;
}

static __always_inline void tt_pull(struct __sk_buff *skb)
{
    bpf_skb_pull_data(skb, skb->len < TT_HEAD_MAX ? skb->len : TT_HEAD_MAX);
}

/* Global, as tt_fetch_skb() is, so that the verifier looks at it once and not once for
 * each way to it. */
__noinline int tt_attend_skb(struct __sk_buff *skb)
{
    struct tt_cpu *cpu = tt_this_cpu();
    struct tt_view view = tt_view_of(skb);

    if (!cpu)
        return 0;
    if (tt_needs_more(&view, cpu)) {
        tt_pull(skb);
        view = tt_view_of(skb);
    }
    tt_attend(skb, &view, cpu);
    return 0;
}

static __always_inline void tt_keep_place(struct tt_cpu *cpu, const struct __sk_buff *skb,
                                          tt_u8 hook, tt_u8 way, tt_u8 link)
{
    cpu->frame.wire_length = skb->len;
    cpu->frame.ifindex = skb->ifindex;
    cpu->frame.link = link;
    cpu->frame.hook = hook;
    cpu->frame.way = way;
    cpu->frame.cast = way == TT_OUT ? TT_CAST_OUTGOING : (tt_u8)skb->pkt_type;
}

/* Looks again, once headers that lay in the buffer's fragments are pulled. */
__noinline int tt_fetch_skb(struct __sk_buff *skb)
{
    struct tt_cpu *cpu = tt_this_cpu();
    struct tt_view view;

    if (!cpu)
        return TT_DONE;
    tt_pull(skb);
    view = tt_view_of(skb);
    if (cpu->frame.link == TT_LINK_RAW)
        return tt_observe(&view, cpu, TT_LINK_RAW, false);
    return tt_observe(&view, cpu, TT_LINK_ETHERNET, false);
}

static __always_inline long tt_copy_frame(void *context, tt_u8 *to, tt_u64 length)
{
    struct __sk_buff *skb = context;
    tt_u16 tag[2] = {(tt_u16)skb->vlan_proto, TT_BIG_ENDIAN16((tt_u16)skb->vlan_tci)};
    tt_u64 rest = length > TT_TAG_PLACE + TT_TAG_LENGTH ? length - TT_TAG_PLACE - TT_TAG_LENGTH : 1;

    if (!skb->vlan_present)
        return bpf_skb_load_bytes(skb, 0, to, (tt_u32)length);
    if (bpf_skb_load_bytes(skb, 0, to, TT_TAG_PLACE))
        return -1;
    __builtin_memcpy(to + TT_TAG_PLACE, tag, sizeof(tag));
    tt_clamp_length(rest, TT_PACKET_BYTES_MAX - TT_TAG_PLACE - TT_TAG_LENGTH);
    return bpf_skb_load_bytes(skb, TT_TAG_PLACE, to + TT_TAG_PLACE + TT_TAG_LENGTH, (tt_u32)rest);
}

__noinline int tt_send_skb(struct __sk_buff *skb)
{
    struct tt_cpu *cpu = tt_this_cpu();
    tt_u32 tag_length = skb->vlan_present ? TT_TAG_LENGTH : 0;

    if (cpu)
        tt_send_packet(skb, cpu, skb->len + tag_length, tag_length);
    return 0;
}

static __always_inline long tt_load_head(void *context, tt_u8 *to, tt_u32 length)
{
    return bpf_skb_load_bytes(context, 0, to, length);
}

/* On lo the same buffer leaves and enters; tcpdump shows it once, entering. */
static __always_inline bool tt_is_shown(const struct tt_cpu *cpu, const struct __sk_buff *skb,
                                        tt_u8 way)
{
    return tt_is_asked_for(cpu) && !(way == TT_OUT && skb->ifindex == TT_LOOPBACK_IFINDEX);
}

static __always_inline int tt_observe_skb(struct __sk_buff *skb, tt_u8 hook, tt_u8 way, tt_u8 link)
{
    const struct tt_settings *chosen = tt_the_settings();
    struct tt_view view = tt_view_of(skb);
    struct tt_cpu *cpu = tt_this_cpu();
    int outcome;

    if (!cpu)
        return TT_NEXT;
    cpu->counters.packets_seen++;
    if (chosen->packets)
        tt_forget_packet(cpu);
    outcome = tt_observe(&view, cpu, link, view.wire_length > (tt_u32)(view.end - view.begin));
    if (tt_is_over(outcome))
        return TT_NEXT;
    tt_keep_place(cpu, skb, hook, way, link);
    if (outcome == TT_FETCH)
        outcome = tt_fetch_skb(skb);
    if (chosen->recorder && outcome != TT_DONE)
        tt_record_segment(skb, cpu);
    if (outcome == TT_ATTEND)
        tt_attend_skb(skb);
    if (tt_is_shown(cpu, skb, way))
        tt_send_skb(skb);
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
