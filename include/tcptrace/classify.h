/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What was this segment? tt_classify() answers when one came, tt_expire() when
 * none came. Pure functions of their arguments: the BPF programs call them on
 * packets and sweeps, the pcap source on file records and file time, and a test
 * proves both builds equal on every commit.
 *
 * Border: nothing here judges a connection; that is userspace/detect/.
 */
#ifndef TCPTRACE_CLASSIFY_H
#define TCPTRACE_CLASSIFY_H

#include "anomaly.h"
#include "flow_state.h"
#include "sequence_rules.h"
#include "settings.h"

/* A watch is given up when this much silence makes an answer pointless: the last
 * of Linux' six SYN retries is waited for until 127 s after the first SYN. */
#define TT_WATCH_LIMIT_NS (150 * TT_NSEC_PER_SEC)

#define TT_ONE_WAY_AFTER_NS (1 * TT_NSEC_PER_SEC)

TT_INLINE tt_u8 tt_watch_closed(tt_u32 end)
{
    return end ? TT_WATCH_CLOSED_1 : TT_WATCH_CLOSED_0;
}

TT_INLINE void tt_saturate(tt_u16 *counter)
{
    if (*counter != 0xffff)
        (*counter)++;
}

/* A SYN with another initial sequence number than the known one begins a new
 * connection on the same ports (as Wireshark's tcp.analysis.reused_ports). */
TT_INLINE void tt_begin_connection(struct tt_flow_state *state, struct tt_half *fwd, tt_u32 sender,
                                   const struct tt_segment *segment, tt_u64 now,
                                   struct tt_finding *finding)
{
    if ((fwd->seen & TT_SEEN_ORIGIN) && fwd->first_sequence != segment->sequence) {
        finding->anomalies |= TT_REUSED_PORTS;
        tt_flow_state_init(state, now);
    }
    state->initiator = (tt_u8)sender;
    state->latest_syn_ns = now;
    tt_saturate(&state->syns);
    if (state->syns > 1 && (fwd->seen & TT_SEEN_SYN)) {
        finding->anomalies |= TT_SYN_RETRANSMISSION;
        finding->number = state->syns - 1U;
        finding->elapsed_ns = now - state->first_syn_ns;
        return;
    }
    state->first_syn_ns = now;
    finding->signs |= TT_SIGN_CONNECTION;
    if (!(state->marks & TT_MARK_ANSWERED))
        state->watch |= TT_WATCH_SYN;
}

TT_INLINE void tt_answer_syn(struct tt_flow_state *state, tt_u64 now, struct tt_finding *finding)
{
    if (state->marks & TT_MARK_UNANSWERED) {
        finding->signs |= TT_SIGN_ANSWERED;
        finding->elapsed_ns = now - state->first_syn_ns;
        state->marks &= (tt_u8)~TT_MARK_UNANSWERED;
    }
    state->watch &= (tt_u8)~TT_WATCH_SYN;
}

/*
 * Does this end acknowledge what never passed here, although its peer has not
 * been seen at all? Certain after a SYN, all of whose flow is shown. Later only
 * if everything is shown, and long enough after the start of the view that what
 * is acknowledged cannot have passed before it.
 */
TT_INLINE bool tt_acks_the_unseen(const struct tt_flow_state *state, const struct tt_half *fwd,
                                  const struct tt_segment *segment, tt_u64 now, tt_u32 depth)
{
    if ((segment->flags & (TT_SYN | TT_RST)) != 0)
        return false;
    if (state->watch & TT_WATCH_SYN)
        return true;
    return depth == TT_DEPTH_SEQUENCE && fwd->last_ack &&
           tt_after(segment->acknowledgment, fwd->last_ack) &&
           now - state->first_ns >= TT_ONE_WAY_AFTER_NS;
}

/* SYN, SYN-ACK, their answers and their repetitions. Runs at every depth. */
TT_INLINE void tt_classify_handshake(struct tt_flow_state *state, tt_u32 sender,
                                     const struct tt_segment *segment, tt_u64 now, tt_u32 depth,
                                     struct tt_finding *finding)
{
    struct tt_half *fwd = &state->half[sender];
    struct tt_half *rev = &state->half[sender ^ 1];
    tt_u8 flags = segment->flags;

    if ((flags & (TT_SYN | TT_ACK | TT_RST)) == TT_SYN) {
        tt_begin_connection(state, fwd, sender, segment, now, finding);
        return;
    }
    if (sender != state->initiator) {
        state->marks |= TT_MARK_ANSWERED;
        tt_answer_syn(state, now, finding);
    }
    if ((flags & TT_ACK) && !(rev->seen & TT_SEEN_ANY) && !(state->marks & TT_MARK_ONE_WAY) &&
        tt_acks_the_unseen(state, fwd, segment, now, depth)) {
        state->watch &= (tt_u8)~TT_WATCH_SYN;
        state->marks |= TT_MARK_ONE_WAY;
        finding->signs |= TT_SIGN_ONE_WAY;
    }
    if ((flags & (TT_SYN | TT_ACK)) == (TT_SYN | TT_ACK)) {
        if ((fwd->seen & TT_SEEN_ORIGIN) && fwd->first_sequence != segment->sequence)
            finding->anomalies |= TT_REUSED_PORTS;
        else if (fwd->next_sequence && tt_before(segment->sequence, fwd->next_sequence)) {
            finding->anomalies |= TT_SYNACK_RETRANSMISSION;
            finding->number = state->synacks;
            finding->elapsed_ns = now - fwd->last_ns;
        }
        tt_saturate(&state->synacks);
        state->watch |= TT_WATCH_ACK;
        return;
    }
    if (sender == state->initiator)
        state->watch &= (tt_u8)~TT_WATCH_ACK;
    if ((flags & TT_ACK) && state->latest_syn_ns && !state->handshake_ns) {
        state->handshake_ns = now - state->latest_syn_ns;
        if ((flags & TT_RST) == 0) {
            state->marks |= TT_MARK_ESTABLISHED;
            finding->signs |= TT_SIGN_ESTABLISHED;
        }
    }
}

/*
 * When did the reset come? At depth notable the data itself was not shown; then
 * the reset's own numbers against the initial ones tell, or nothing does.
 */
TT_INLINE tt_u8 tt_reset_stage(const struct tt_flow_state *state, tt_u32 sender,
                               const struct tt_segment *segment, tt_u32 depth)
{
    const struct tt_half *fwd = &state->half[sender];
    const struct tt_half *rev = &state->half[sender ^ 1];
    bool both_syns = (fwd->seen & TT_SEEN_SYN) && (rev->seen & TT_SEEN_SYN);

    if ((fwd->seen | rev->seen) & TT_SEEN_FIN)
        return TT_STAGE_CLOSING;
    if ((fwd->seen | rev->seen) & TT_SEEN_DATA)
        return TT_STAGE_DATA;
    if ((rev->seen & TT_SEEN_SYN) && !(fwd->seen & TT_SEEN_ANY) && state->initiator != sender)
        return TT_STAGE_SYN;
    if (!both_syns)
        return TT_STAGE_UNKNOWN;
    if (segment->sequence != fwd->first_sequence + 1 ||
        ((segment->flags & TT_ACK) && segment->acknowledgment != rev->first_sequence + 1))
        return TT_STAGE_DATA;
    return depth == TT_DEPTH_SEQUENCE || (segment->flags & TT_ACK) ||
                   !(state->marks & TT_MARK_ESTABLISHED)
               ? TT_STAGE_HANDSHAKE
               : TT_STAGE_UNKNOWN;
}

TT_INLINE void tt_classify_reset(struct tt_flow_state *state, tt_u32 sender,
                                 const struct tt_segment *segment, tt_u64 now, tt_u32 depth,
                                 struct tt_finding *finding)
{
    finding->anomalies |= TT_RESET;
    finding->stage = tt_reset_stage(state, sender, segment, depth);
    finding->elapsed_ns = now - state->first_ns;
    state->closed = 1;
    state->watch = 0;
}

/* The edges of a closed window; runs at every depth. RFC 9293 §3.8.6. */
TT_INLINE void tt_classify_window_edge(struct tt_flow_state *state, tt_u32 sender,
                                       const struct tt_segment *segment, tt_u64 now, bool damp,
                                       struct tt_finding *finding)
{
    struct tt_half *fwd = &state->half[sender];

    if (segment->window == 0) {
        bool edge = fwd->closed_ns == 0;

        if (edge) {
            fwd->closed_ns = now;
            tt_saturate(&fwd->closings);
            state->watch |= tt_watch_closed(sender);
        } else {
            finding->elapsed_ns = now - fwd->closed_ns;
        }
        if (edge || !damp)
            finding->anomalies |= TT_ZERO_WINDOW;
        else
            tt_saturate(&fwd->suppressed);
        return;
    }
    if (fwd->closed_ns == 0)
        return;
    finding->signs |= TT_SIGN_WINDOW_OPENED;
    finding->elapsed_ns = now - fwd->closed_ns;
    if (damp)
        finding->anomalies |= TT_WINDOW_UPDATE;
    fwd->closed_ns = 0;
    state->watch &= (tt_u8)~tt_watch_closed(sender);
}

/* Live, a burst is told by its first events and then at each power of two. */
TT_INLINE void tt_damp(struct tt_half *fwd, struct tt_finding *finding)
{
    tt_u32 number = finding->number;
    tt_u32 quiet = 0;

    if ((finding->anomalies & TT_DUPLICATE_ACK) && number > 3 && (number & (number - 1)))
        quiet |= TT_DUPLICATE_ACK;
    if ((finding->anomalies & fwd->latest_anomalies & TT_WINDOW_FULL))
        quiet |= TT_WINDOW_FULL;
    if ((finding->anomalies & TT_WINDOW_UPDATE) && !(finding->signs & TT_SIGN_WINDOW_OPENED))
        quiet |= TT_WINDOW_UPDATE;
    finding->anomalies &= ~quiet;
    if (quiet)
        tt_saturate(&fwd->suppressed);
}

/* What tcpdump subtracts: set by the first segment with ACK of a pair, and again by
 * each SYN-ACK; that segment itself is printed with absolute numbers. */
TT_INLINE void tt_remember_print_origin(struct tt_half *fwd, struct tt_half *rev,
                                        const struct tt_segment *segment,
                                        struct tt_finding *finding)
{
    if (!(segment->flags & TT_ACK))
        return;
    if ((fwd->seen & TT_SEEN_PRINT) && !(segment->flags & TT_SYN))
        return;
    fwd->print_origin = segment->sequence;
    rev->print_origin = segment->acknowledgment - 1;
    fwd->seen |= TT_SEEN_PRINT;
    rev->seen |= TT_SEEN_PRINT;
    finding->signs |= TT_SIGN_PRINT_ORIGIN;
}

/* An end that once offered a scale keeps it when it repeats its SYN without. */
TT_INLINE void tt_remember_scale(struct tt_half *fwd, struct tt_half *rev,
                                 const struct tt_segment *segment)
{
    if (segment->scale != TT_SCALE_ABSENT)
        fwd->scale = segment->scale;
    if (fwd->scale == TT_SCALE_UNKNOWN) {
        fwd->scale = TT_SCALE_UNUSED;
        rev->scale = TT_SCALE_UNUSED;
    } else if ((segment->flags & TT_ACK) && rev->scale == TT_SCALE_UNUSED) {
        fwd->scale = TT_SCALE_UNUSED;
    }
}

/* Everything the next segment is compared with. */
TT_INLINE void tt_remember(struct tt_flow_state *state, tt_u32 sender,
                           const struct tt_segment *segment, tt_u64 now, struct tt_finding *finding)
{
    struct tt_half *fwd = &state->half[sender];
    struct tt_half *rev = &state->half[sender ^ 1];
    tt_u8 flags = segment->flags;

    tt_remember_print_origin(fwd, rev, segment, finding);
    if (!(fwd->seen & TT_SEEN_ORIGIN) || (flags & TT_SYN))
        fwd->first_sequence = segment->sequence - ((flags & TT_SYN) ? 0 : 1);
    fwd->seen |= TT_SEEN_ANY | TT_SEEN_ORIGIN;
    if (!(rev->seen & TT_SEEN_ORIGIN) && (flags & TT_ACK)) {
        rev->first_sequence = segment->acknowledgment - 1;
        rev->seen |= TT_SEEN_ORIGIN;
    }
    if (flags & TT_SYN) {
        fwd->seen |= TT_SEEN_SYN | TT_HANDSHAKE_ACK;
        tt_remember_scale(fwd, rev, segment);
    } else if (flags & TT_ACK) {
        fwd->seen &= (tt_u8)~TT_HANDSHAKE_ACK;
    }
    if (flags & TT_FIN)
        fwd->seen |= TT_SEEN_FIN;
    if (flags & TT_RST)
        fwd->seen |= TT_SEEN_RST;
    if (segment->length && !(flags & TT_RST))
        fwd->seen |= TT_SEEN_DATA;
    if (finding->anomalies & TT_RETRANSMISSIONS)
        tt_saturate(&fwd->retransmissions);
    if ((fwd->seen & rev->seen & TT_SEEN_FIN))
        state->closed = 1;
    tt_advance(fwd, segment, now, finding->anomalies);
    fwd->latest_anomalies = finding->anomalies;
    state->last_ns = now;
}

/* An ICMP error names the flow it is about; it is no segment of it. */
TT_INLINE void tt_classify_icmp(struct tt_flow_state *state, tt_u64 now, struct tt_finding *finding)
{
    finding->anomalies |= TT_ICMP_ERROR;
    if (state->latest_syn_ns)
        finding->elapsed_ns = now - state->latest_syn_ns;
    state->marks |= TT_MARK_ICMP;
    state->watch &= (tt_u8)~TT_WATCH_SYN;
    state->last_ns = now;
}

TT_INLINE void tt_mark_trouble(struct tt_flow_state *state, const struct tt_finding *finding)
{
    if (finding->anomalies & ~(tt_u32)TT_HARMLESS)
        state->marks |= TT_MARK_TROUBLED;
}

/*
 * A segment of `sender` (0 or 1, see flow_key.h) came at `now`: fills *finding
 * and brings *state up to date. At a depth below TT_DEPTH_SEQUENCE only what was
 * let through the gate or belongs to a watched flow is shown to it.
 */
TT_INLINE void tt_classify(struct tt_flow_state *state, tt_u32 sender,
                           const struct tt_segment *segment, tt_u64 now,
                           const struct tt_settings *settings, struct tt_finding *finding)
{
    struct tt_half *fwd = &state->half[sender];
    tt_u64 round_trip_ns = state->handshake_ns; /* known before this segment */
    tt_u8 flags = segment->flags;

    __builtin_memset(finding, 0, sizeof(*finding));
    if (segment->kind == TT_KIND_ICMP_ERROR) {
        tt_classify_icmp(state, now, finding);
        tt_mark_trouble(state, finding);
        return;
    }
    tt_classify_handshake(state, sender, segment, now, settings->depth, finding);
    if (segment->dsack)
        finding->signs |= TT_SIGN_DSACK;
    if (settings->depth == TT_DEPTH_SEQUENCE)
        tt_classify_sequence(fwd, &state->half[sender ^ 1], round_trip_ns, segment, now, finding);
    if (!(flags & (TT_SYN | TT_FIN | TT_RST)) && !(finding->anomalies & TT_ZERO_WINDOW_PROBE))
        tt_classify_window_edge(state, sender, segment, now, settings->damp, finding);
    if (flags & TT_RST)
        tt_classify_reset(state, sender, segment, now, settings->depth, finding);
    tt_remember(state, sender, segment, now, finding);
    if (settings->damp)
        tt_damp(fwd, finding);
    if (finding->anomalies) {
        finding->suppressed = fwd->suppressed;
        fwd->suppressed = 0;
    }
    tt_mark_trouble(state, finding);
}

/* Nothing came until `now`. */
TT_INLINE void tt_expire(struct tt_flow_state *state, tt_u64 now,
                         const struct tt_settings *settings, struct tt_finding *finding)
{
    __builtin_memset(finding, 0, sizeof(*finding));
    if (now < state->last_ns)
        return;
    if ((state->watch & TT_WATCH_SYN) && !(state->marks & TT_MARK_UNANSWERED) &&
        now - state->first_syn_ns >= settings->syn_limit_ns) {
        finding->anomalies |= TT_SYN_UNANSWERED;
        finding->number = state->syns;
        finding->elapsed_ns = now - state->first_syn_ns;
        state->marks |= TT_MARK_UNANSWERED;
    }
    tt_mark_trouble(state, finding);
    if (now - state->last_ns >= TT_WATCH_LIMIT_NS)
        state->watch = 0;
}

#endif
