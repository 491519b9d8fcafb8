/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The story of one frame, the same at every hook. tt_observe(): find its headers, and
 * let it go or not. tt_attend(): read it, find its flow's state, ask the classifier
 * what it was, tell. Decides nothing by itself: that is include/tcptrace/.
 *
 * Two functions with memory between them, because the verifier follows each way
 * through the headers to the program's end: joined, there are too many ways.
 */
#ifndef TCPTRACE_OBSERVE_BPF_H
#define TCPTRACE_OBSERVE_BPF_H

#include "emit.bpf.h"

#include <tcptrace/classify.h>
#include <tcptrace/read_segment.h>

/* A frame and the part of it that can be read directly. */
struct tt_view {
    const tt_u8 *begin;
    const tt_u8 *end;
    tt_u32 wire_length;
};

enum tt_outcome {
    TT_DONE,   /* nothing that the classifier could be shown */
    TT_LET_GO, /* a segment that it need not be shown */
    TT_ATTEND, /* tt_attend() is next */
    TT_FETCH,  /* its headers are not all within reach: fetch them and ask again */
};

static __always_inline void tt_count_skip(struct tt_cpu *cpu, int result)
{
    switch (result) {
    case TT_NOT_IP:
        cpu->counters.skip_not_ip++;
        break;
    case TT_NOT_TCP:
        cpu->counters.skip_not_tcp++;
        break;
    case TT_FRAGMENT:
        cpu->counters.skip_fragment++;
        break;
    case TT_TRUNCATED:
        cpu->counters.skip_truncated++;
        break;
    default:
        cpu->counters.skip_malformed++;
        break;
    }
}

/* Each hook has its own way to the frame's first bytes. */
static __always_inline void tt_copy_head(void *context, struct tt_record *record);

/* What was just classified, with what stands in *cpu, as a record. */
static __always_inline void tt_tell_frame(void *context, struct tt_cpu *cpu, tt_u32 telling,
                                          const struct tt_flow_state *state, tt_u32 sender,
                                          tt_u64 now)
{
    const struct tt_settings *chosen = tt_the_settings();
    struct tt_record *record = tt_reserve(cpu, telling, now);

    if (!record)
        return;
    record->wire_length = cpu->frame.wire_length;
    record->netns = chosen->netns;
    record->link = cpu->frame.link;
    record->hook = cpu->frame.hook;
    record->way = cpu->frame.way;
    record->sender = (tt_u8)sender;
    record->depth = chosen->depth;
    record->finding = cpu->finding;
    record->segment = cpu->packet.segment;
    record->key = cpu->key;
    record->state = *state;
    tt_copy_head(context, record);
    tt_submit(record, telling);
}

/* `quiet`: events of the sender that were held back, before and after this segment. */
static __always_inline void tt_count_finding(struct tt_cpu *cpu, const struct tt_flow_state *state,
                                             tt_u32 quiet_before, tt_u32 quiet_after)
{
    const struct tt_finding *finding = &cpu->finding;

    cpu->counters.segments_classified++;
    if (finding->signs & TT_SIGN_CONNECTION)
        cpu->counters.connections++;
    if (quiet_after > quiet_before)
        cpu->counters.events_suppressed += quiet_after - quiet_before;
    if (finding->signs & TT_SIGN_ESTABLISHED) {
        tt_u32 bucket = tt_histogram_bucket(state->handshake_ns);

        tt_forget(bucket);
        if (bucket < TT_HISTOGRAM_BUCKETS)
            cpu->handshake[bucket]++;
    }
}

/* Shows the segment in *cpu to the classifier, against `state`. */
static __always_inline void tt_show(void *context, struct tt_cpu *cpu, struct tt_flow_state *state,
                                    tt_u32 sender, tt_u64 now)
{
    const struct tt_settings *chosen = tt_the_settings();
    struct tt_half *half = &state->half[sender];
    tt_u32 quiet = half->suppressed;
    bool watched = state->watch;
    tt_u32 telling;

    if (!chosen->recorder)
        cpu->seen_ns = now;
    tt_classify(state, sender, &cpu->packet.segment, now, chosen, &cpu->finding);
    tt_watched_changed(watched, state->watch);
    if (chosen->filtered && cpu->verdict)
        state->marks |= TT_MARK_WANTED;
    cpu->troubled = state->marks & TT_MARK_TROUBLED;
    if (chosen->packets && cpu->finding.anomalies)
        cpu->scratch = *state; /* for tt_send_packet() */
    /* An ICMP error may be all that is seen of the flow it quotes: user space asks the filter
     * about that one. */
    if (!tt_is_wanted(state) && cpu->packet.segment.kind != TT_KIND_ICMP_ERROR)
        return;
    tt_count_finding(cpu, state, quiet,
                     cpu->finding.anomalies ? cpu->finding.suppressed : half->suppressed);
    telling = tt_tell(&cpu->finding, &cpu->packet.segment, chosen);
    if (telling != TT_TELL_NOTHING)
        tt_tell_frame(context, cpu, telling, state, sender, now);
}

/* A recorded frame has its time already: both tell of one moment. */
static __always_inline tt_u64 tt_time_of(const struct tt_cpu *cpu)
{
    const struct tt_settings *chosen = tt_the_settings();

    return chosen->recorder ? cpu->seen_ns : tt_now(chosen);
}

/* A place for a new flow, taken from another if need be. */
static __always_inline tt_u32 tt_take_place(struct tt_cpu *cpu, struct tt_flow_set *set, tt_u32 tag,
                                            tt_u64 now)
{
    tt_u32 place = tt_flow_set_choose(set);
    struct tt_flow_state *state;

    TT_ANY_NUMBER(place, tag, TT_FLOW_PLACES - 1);
    state = &set->state[place];
    if (set->tag[place]) {
        cpu->counters.flows_evicted++;
        tt_watched_changed(state->watch, false);
    }
    set->tag[place] = 0;
    set->key[place] = cpu->key;
    tt_flow_state_init(state, now);
    set->tag[place] = tag;
    return place;
}

/* The segment's flow has no state. Returns the one to use, or NULL. */
static __always_inline struct tt_flow_state *
tt_new_state(struct tt_cpu *cpu, struct tt_flow_set *set, tt_u32 tag, tt_u64 *now)
{
    const struct tt_settings *chosen = tt_the_settings();

    switch (tt_admit(&cpu->packet.segment, chosen->depth, cpu->frame.notable)) {
    case TT_ADMIT_STATE:
        *now = tt_time_of(cpu);
        return &set->state[tt_take_place(cpu, set, tag, *now)];
    case TT_ADMIT_SCRATCH:
        *now = tt_time_of(cpu);
        tt_flow_state_init(&cpu->scratch, *now);
        return &cpu->scratch;
    case TT_ADMIT_SKIP:
        cpu->counters.skip_unknown_flow++;
        return NULL;
    default:
        cpu->counters.segments_let_go++;
        return NULL;
    }
}

/* The state of the segment's flow, if the segment is worth a look. */
static __always_inline struct tt_flow_state *tt_state_of(struct tt_cpu *cpu, tt_u64 *now)
{
    const struct tt_settings *chosen = tt_the_settings();
    tt_u64 hash = tt_flow_key_hash(&cpu->key, chosen->seed);
    tt_u32 index = (tt_u32)hash & kernel.flow_sets_mask;
    tt_u32 tag = tt_flow_tag(hash);
    struct tt_flow_set *set = bpf_map_lookup_elem(&flows, &index);
    struct tt_flow_state *state;
    tt_u32 place;

    if (!set) {
        cpu->counters.flows_no_room++;
        return NULL;
    }
    place = tt_flow_set_find(set, tag, &cpu->key);
    if (place == TT_FLOW_PLACES)
        return tt_new_state(cpu, set, tag, now);
    TT_ANY_NUMBER(place, tag, TT_FLOW_PLACES - 1);
    state = &set->state[place];
    if (chosen->depth != TT_DEPTH_SEQUENCE && !cpu->frame.notable && !state->watch) {
        cpu->counters.segments_let_go++;
        return NULL;
    }
    *now = tt_time_of(cpu);
    return state;
}

/* Behind the gate: reads what tt_observe() found in the frame. */
static __always_inline void tt_attend(void *context, const struct tt_view *view, struct tt_cpu *cpu)
{
    struct tt_headers headers = {
        .network_offset = cpu->frame.network_offset & TT_NETWORK_OFFSET_MASK,
        .transport_offset = cpu->frame.transport_offset & TT_TRANSPORT_OFFSET_MASK,
        .transport_bytes = cpu->frame.transport_bytes,
        .family = cpu->frame.family,
        .protocol = cpu->frame.protocol,
    };
    struct tt_flow_state *state;
    tt_u32 sender;
    tt_u64 now;
    int result;

    headers.network = view->begin + headers.network_offset;
    headers.transport = view->begin + headers.transport_offset;
    result = tt_read_packet(&headers, view->end, &cpu->packet);
    if (result != TT_PARSED) {
        tt_count_skip(cpu, result);
        return;
    }
    sender = tt_flow_key_make(&cpu->key, &cpu->packet.ends, cpu->packet.segment.family,
                              cpu->frame.ifindex, cpu->frame.way);
    TT_ANY_NUMBER(sender, view->wire_length, 1);
    cpu->sender = (tt_u8)sender;
    state = tt_state_of(cpu, &now);
    if (state)
        tt_show(context, cpu, state, sender, now);
}

static __always_inline void tt_keep(struct tt_cpu *cpu, const struct tt_headers *headers)
{
    cpu->frame.transport_bytes = headers->transport_bytes;
    cpu->frame.network_offset = headers->network_offset;
    cpu->frame.transport_offset = headers->transport_offset;
    cpu->frame.family = headers->family;
    cpu->frame.protocol = headers->protocol;
}

/* Looks at one frame up to the gate. `rest`: there is more of it than the view shows,
 * and the hook can fetch it. */
static __always_inline int tt_observe(const struct tt_view *view, struct tt_cpu *cpu, tt_u32 link,
                                      bool rest)
{
    const struct tt_settings *chosen = tt_the_settings();
    struct tt_headers headers;
    bool notable = false;
    int result = tt_find_headers(view->begin, view->end, view->wire_length, link, &headers);

    if (result == TT_PARSED) {
        tt_u32 offset = headers.transport_offset;

        TT_ANY_NUMBER(offset, view->wire_length, TT_TRANSPORT_OFFSET_MASK);
        headers.transport_offset = (tt_u16)offset;
        headers.transport = view->begin + offset;
        notable = tt_gate(&headers, view->end, &result);
    }
    if (result == TT_TRUNCATED && rest)
        return TT_FETCH;
    if (result != TT_PARSED) {
        tt_count_skip(cpu, result);
        return TT_DONE;
    }
    if (!notable && chosen->depth != TT_DEPTH_SEQUENCE && shared.watched == 0) {
        cpu->counters.segments_let_go++;
        return TT_LET_GO;
    }
    tt_keep(cpu, &headers);
    cpu->frame.notable = notable;
    return TT_ATTEND;
}

/* Is that all there is to do with the frame? */
static __always_inline bool tt_is_over(int outcome)
{
    const struct tt_settings *chosen = tt_the_settings();

    if (chosen->packets)
        return false;
    return outcome == TT_DONE || (outcome == TT_LET_GO && !chosen->recorder);
}

/* Beyond what the gate needs, options of a SYN and what an ICMP error quotes are read. */
static __always_inline bool tt_needs_more(const struct tt_view *view, const struct tt_cpu *cpu)
{
    const tt_u8 *transport = view->begin + (cpu->frame.transport_offset & TT_TRANSPORT_OFFSET_MASK);

    if (view->wire_length <= (tt_u32)(view->end - view->begin))
        return false;
    if (cpu->frame.protocol != TT_PROTOCOL_TCP || transport + TT_TCP_HEADER_MIN > view->end)
        return true;
    return transport[13] & TT_SYN;
}

#endif
