/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a finding to a record in a ring buffer. Counts what finds no room.
 */
#ifndef TCPTRACE_EMIT_BPF_H
#define TCPTRACE_EMIT_BPF_H

#include "maps.bpf.h"

#include <tcptrace/attention.h>

/* A record with everything zero but its time; NULL, and counted, if the ring is full.
 * head[] is not cleared: it holds older records' bytes until it is written. */
static __always_inline struct tt_record *tt_reserve(struct tt_cpu *cpu, tt_u32 telling, tt_u64 now)
{
    struct tt_record *record;

    if (telling == TT_TELL_ANOMALY)
        record = bpf_ringbuf_reserve(&anomalies, sizeof(*record), 0);
    else
        record = bpf_ringbuf_reserve(&packets, sizeof(*record), 0);
    if (!record) {
        if (telling == TT_TELL_ANOMALY)
            tt_count(cpu->counters.records_lost);
        else
            tt_count(cpu->counters.evidence_lost);
        return NULL;
    }
    __builtin_memset(record, 0, __builtin_offsetof(struct tt_record, head));
    record->time_ns = now;
    return record;
}

/* An anomaly wakes the reader at once. Evidence waits for the reader's next look,
 * unless much of it has gathered: waking costs more than writing. */
static __always_inline void tt_submit(struct tt_record *record, tt_u32 telling)
{
    tt_u64 flags = 0;

    if (telling != TT_TELL_ANOMALY)
        flags = bpf_ringbuf_query(&packets, BPF_RB_AVAIL_DATA) >= kernel.evidence_wake
                    ? BPF_RB_FORCE_WAKEUP
                    : BPF_RB_NO_WAKEUP;
    bpf_ringbuf_submit(record, flags);
}

/* Is the flow one of those that the user's filter is about? */
static __always_inline bool tt_is_wanted(const struct tt_flow_state *state)
{
    return !tt_the_settings()->filtered || (state->marks & TT_MARK_WANTED);
}

#endif
