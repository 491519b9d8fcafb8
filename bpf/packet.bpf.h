/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whole packets to user space, for --packets and -w: after the classifier has seen the
 * frame, so that what it found goes along. What finds no room is counted.
 *
 * Not here: which packets (the user's filter, which ran before), how their bytes are
 * fetched (each hook has its own way).
 */
#ifndef TCPTRACE_PACKET_BPF_H
#define TCPTRACE_PACKET_BPF_H

#include "recorder.bpf.h"

#define TT_LOOPBACK_IFINDEX 1 /* in each network namespace */

/* The frame's first `length` bytes, with a VLAN tag that is not in the buffer put back
 * to its place; at least 1, at most TT_PACKET_BYTES_MAX. Returns 0, or an error. */
static __always_inline long tt_copy_frame(void *context, tt_u8 *to, tt_u64 length);

/* Before the frame is looked at: nothing is known of it yet. */
static __always_inline void tt_forget_packet(struct tt_cpu *cpu)
{
    cpu->finding.anomalies = 0;
    cpu->key.family = 0;
    cpu->seen_ns = 0;
    cpu->troubled = 0;
}

/* Is the frame one that user space asked for? */
static __always_inline bool tt_is_asked_for(const struct tt_cpu *cpu)
{
    const struct tt_settings *chosen = tt_the_settings();

    return chosen->packets && (!chosen->filtered || cpu->verdict) &&
           (!chosen->on_anomaly || cpu->troubled);
}

static __always_inline void tt_describe_packet(struct tt_record *record, const struct tt_cpu *cpu)
{
    const struct tt_settings *chosen = tt_the_settings();

    __builtin_memset(record, 0, __builtin_offsetof(struct tt_record, head));
    record->time_ns = cpu->seen_ns ? cpu->seen_ns : tt_now(chosen);
    record->is_packet = TT_RECORD_PACKET;
    record->netns = chosen->netns;
    record->link = cpu->frame.link;
    record->hook = cpu->frame.hook;
    record->way = cpu->frame.way;
    record->cast = cpu->frame.cast;
    record->depth = chosen->depth;
    if (cpu->key.family) {
        record->key = cpu->key;
        record->segment = cpu->packet.segment;
        record->sender = cpu->sender;
    }
    record->key.ifindex = cpu->frame.ifindex;
    if (cpu->finding.anomalies) {
        record->finding = cpu->finding;
        record->state = cpu->scratch;
    }
}

/* `wire_length`: with the tag that the device took off, `tag_length` bytes of it. */
static __always_inline void tt_send_packet(void *context, struct tt_cpu *cpu, tt_u32 wire_length,
                                           tt_u32 tag_length)
{
    const struct tt_settings *chosen = tt_the_settings();
    tt_u32 index = bpf_get_smp_processor_id();
    struct tt_packet_buffer *buffer = bpf_map_lookup_elem(&packet_buffers, &index);
    tt_u64 length = wire_length < chosen->snaplen ? wire_length : chosen->snaplen;
    tt_u64 flags = BPF_RB_NO_WAKEUP;

    if (!buffer)
        return;
    cpu->counters.packets_matched++;
    tt_describe_packet(&buffer->record, cpu);
    tt_clamp_length(length, TT_PACKET_BYTES_MAX);
    if (tt_copy_frame(context, buffer->record.head, length) == 0)
        buffer->record.head_length = (tt_u16)length;
    buffer->record.wire_length = wire_length;
    buffer->record.segment.network_offset += (tt_u16)tag_length;
    buffer->record.segment.transport_offset += (tt_u16)tag_length;
    if (bpf_ringbuf_query(&packets, BPF_RB_AVAIL_DATA) >= kernel.evidence_wake)
        flags = BPF_RB_FORCE_WAKEUP;
    if (bpf_ringbuf_output(&packets, buffer, __builtin_offsetof(struct tt_record, head) + length,
                           flags))
        cpu->counters.packets_lost++;
}

#endif
