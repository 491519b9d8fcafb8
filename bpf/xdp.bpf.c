// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Ingress at XDP, by --hook xdp: before the kernel merges segments. Every packet
 * passes on.
 */
#include "packet.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline void tt_copy_head(void *context, struct tt_record *record)
{
    const struct xdp_md *xdp = context;
    tt_u64 length = record->wire_length;

    tt_clamp_length(length, TT_HEAD_MAX);
    if (bpf_probe_read_kernel(record->head, (tt_u32)length, (const void *)(long)xdp->data) == 0)
        record->head_length = (tt_u16)length;
}

static __always_inline struct tt_view tt_view_of(struct xdp_md *xdp)
{
    struct tt_view view = {
        .begin = (const tt_u8 *)(long)xdp->data,
        .end = (const tt_u8 *)(long)xdp->data_end,
    };

    view.wire_length = (tt_u32)(view.end - view.begin);
    return view;
}

/* Global, so that the verifier looks at it once and not once for each way to it. */
__noinline int tt_attend_xdp(struct xdp_md *xdp)
{
    struct tt_view view = tt_view_of(xdp);
    struct tt_cpu *cpu = tt_this_cpu();

    if (cpu)
        tt_attend(xdp, &view, cpu);
    return 0;
}

static __always_inline long tt_copy_frame(void *context, tt_u8 *to, tt_u64 length)
{
    const struct xdp_md *xdp = context;

    return bpf_probe_read_kernel(to, (tt_u32)length, (const void *)(long)xdp->data);
}

static __always_inline long tt_load_head(void *context, tt_u8 *to, tt_u32 length)
{
    return tt_copy_frame(context, to, length);
}

__noinline int tt_send_xdp(struct xdp_md *xdp)
{
    struct tt_cpu *cpu = tt_this_cpu();

    if (cpu)
        tt_send_packet(xdp, cpu, cpu->frame.wire_length, 0);
    return 0;
}

SEC("xdp")
int tcptrace_xdp(struct xdp_md *xdp)
{
    const struct tt_settings *chosen = tt_the_settings();
    struct tt_view view = tt_view_of(xdp);
    struct tt_cpu *cpu = tt_this_cpu();
    int outcome;

    if (!cpu)
        return XDP_PASS;
    cpu->counters.packets_seen++;
    if (chosen->packets)
        tt_forget_packet(cpu);
    outcome = tt_observe(&view, cpu, TT_LINK_ETHERNET, false);
    if (tt_is_over(outcome))
        return XDP_PASS;
    cpu->frame.wire_length = view.wire_length;
    cpu->frame.ifindex = xdp->ingress_ifindex;
    cpu->frame.link = TT_LINK_ETHERNET;
    cpu->frame.hook = TT_HOOK_XDP;
    cpu->frame.way = TT_IN;
    cpu->frame.cast = TT_CAST_HOST; /* the kernel has not looked yet */
    if (chosen->recorder && outcome != TT_DONE)
        tt_record_segment(xdp, cpu);
    if (outcome == TT_ATTEND)
        tt_attend_xdp(xdp);
    if (tt_is_asked_for(cpu))
        tt_send_xdp(xdp);
    return XDP_PASS;
}
