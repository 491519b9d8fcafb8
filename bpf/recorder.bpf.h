/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Remembers each TCP segment's headers for a moment (struct tt_recorded), whether the gate
 * lets it go or not: what came before an anomaly is only asked for afterwards.
 *
 * Not here: finding a flow's packets again; user space does, in the memory it maps.
 */
#ifndef TCPTRACE_RECORDER_BPF_H
#define TCPTRACE_RECORDER_BPF_H

#include "observe.bpf.h"

/* The frame's first bytes, by the hook's own way; `length` is 1 ... TT_RECORDED_BYTES. */
static __always_inline long tt_load_head(void *context, tt_u8 *to, tt_u32 length);

static __always_inline void tt_record_segment(void *context, struct tt_cpu *cpu)
{
    const struct tt_settings *chosen = tt_the_settings();
    tt_u32 place = cpu->recorded++ & (chosen->recorder - 1);
    tt_u32 index = bpf_get_smp_processor_id() * chosen->recorder + place;
    struct tt_recorded *recorded = bpf_map_lookup_elem(&recorder, &index);
    tt_u64 length = cpu->frame.wire_length;

    cpu->seen_ns = tt_now(chosen);
    if (!recorded)
        return;
    recorded->time_ns = 0;
    tt_clamp_length(length, TT_RECORDED_BYTES);
    recorded->wire_length = cpu->frame.wire_length;
    recorded->ifindex = cpu->frame.ifindex;
    recorded->link = cpu->frame.link;
    recorded->way = cpu->frame.way;
    recorded->cast = cpu->frame.cast;
    recorded->hook = cpu->frame.hook;
    recorded->head_length = (tt_u8)length;
    if (tt_load_head(context, recorded->head, (tt_u32)length))
        return;
    recorded->time_ns = cpu->seen_ns;
}

#endif
