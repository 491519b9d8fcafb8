/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules that need every segment of a flow (depth `sequence`): Wireshark 4.0's
 * tcp.analysis.* flags, so that what tcptrace says can be checked there. Rule
 * numbers are those of docs/detectors.md, "Sequence rules".
 *
 * Differences on purpose (tests/oracle counts them, docs/differences-tshark.tsv
 * names each place):
 * - A SYN or SYN-ACK sent again is named by classify.h, also where Wireshark calls
 *   it out-of-order for coming within one round trip. A SYN-ACK with another
 *   initial sequence number is reused_ports, never a retransmission.
 * - A reset moves no sequence number: a forged one would make good segments look
 *   repeated.
 * - The acknowledgment field of a segment without ACK counts as 0.
 * - One packet seen at two interfaces, or going in and out, is two points' view,
 *   not a retransmission: the flow key holds the point (flow_key.h).
 */
#ifndef TCPTRACE_SEQUENCE_RULES_H
#define TCPTRACE_SEQUENCE_RULES_H

#include "anomaly.h"
#include "flow_state.h"

/* Wireshark's thresholds: a fast retransmission follows the latest acknowledgment
 * within 20 ms; a segment is reordered, not repeated, within one handshake round
 * trip of the newest one, or 3 ms where that is unknown. */
#define TT_FAST_RETRANSMISSION_NS (20 * TT_NSEC_PER_MSEC)
#define TT_REORDERING_DEFAULT_NS (3 * TT_NSEC_PER_MSEC)

/* tt_half.duplicates once the peer has acknowledged more than was ever seen of this
 * end: some of its segments passed elsewhere, so repeated acknowledgments may have
 * too. Counts as enough of them for rule 11b. */
#define TT_DUPLICATES_UNSEEN (-1)

TT_INLINE tt_u32 tt_scaled_window(const struct tt_half *half)
{
    if ((half->seen & TT_HANDSHAKE_ACK) || half->scale > TT_SCALE_MAX)
        return half->window;
    return half->window << half->scale;
}

/* Rules 2-8: what the numbers of one end say without regard to time. */
TT_INLINE tt_u32 tt_window_rules(const struct tt_half *fwd, const struct tt_half *rev,
                                 const struct tt_segment *segment)
{
    bool control = segment->flags & (TT_SYN | TT_FIN | TT_RST);
    bool in_place = segment->sequence == fwd->next_sequence;
    bool same_ack = segment->acknowledgment == fwd->last_ack;
    bool same_window = segment->window == fwd->window;
    tt_u32 found = 0;

    if (fwd->next_sequence && tt_after(segment->sequence, fwd->next_sequence) &&
        !(segment->flags & TT_RST))
        found |= TT_LOST_SEGMENT;
    if (control)
        return found;
    if (segment->length <= 1 && segment->sequence == fwd->next_sequence - 1)
        found |= TT_KEEP_ALIVE;
    if (segment->length == 0 && segment->window != 0 && !same_window && in_place && same_ack)
        found |= TT_WINDOW_UPDATE;
    if (segment->length > 0 && rev->scale != TT_SCALE_UNKNOWN &&
        segment->sequence + segment->length == rev->last_ack + tt_scaled_window(rev))
        found |= TT_WINDOW_FULL;
    return found;
}

/* Rules 7 and 9: a repeated acknowledgment, unless it answers a keep-alive. */
TT_INLINE bool tt_is_duplicate_ack(const struct tt_half *fwd, const struct tt_half *rev,
                                   const struct tt_segment *segment)
{
    return segment->length == 0 && segment->window != 0 && segment->window == fwd->window &&
           segment->sequence == fwd->next_sequence && segment->acknowledgment == fwd->last_ack &&
           !(segment->flags & (TT_SYN | TT_FIN | TT_RST)) &&
           !(rev->latest_anomalies & TT_KEEP_ALIVE);
}

/* Rule 11: data or FIN below the highest sequence number seen. */
TT_INLINE tt_u32 tt_repetition_rules(const struct tt_half *fwd, const struct tt_half *rev,
                                     tt_u64 round_trip_ns, const struct tt_segment *segment,
                                     tt_u64 now)
{
    tt_u32 end = segment->sequence + tt_segment_space(segment);
    tt_u64 reordering_ns = round_trip_ns ? round_trip_ns : TT_REORDERING_DEFAULT_NS;
    bool old = fwd->next_sequence && tt_before(segment->sequence, fwd->next_sequence);

    if (segment->length > 1 && fwd->next_sequence - 1 == segment->sequence)
        old = false; /* new data behind a probe's byte */
    if (segment->length && rev->last_ack &&
        !tt_after(segment->sequence + segment->length, rev->last_ack))
        return TT_SPURIOUS_RETRANSMISSION;
    if (!old)
        return 0;
    if ((rev->duplicates >= 2 || rev->duplicates == TT_DUPLICATES_UNSEEN) &&
        rev->last_ack == segment->sequence && now - rev->last_ns < TT_FAST_RETRANSMISSION_NS)
        return TT_FAST_RETRANSMISSION;
    if (now - fwd->advanced_ns < reordering_ns && end != fwd->next_sequence)
        return TT_OUT_OF_ORDER;
    return TT_RETRANSMISSION;
}

/* Counts repeated acknowledgments, from 1 again after rule 10. */
TT_INLINE void tt_count_duplicates(struct tt_half *fwd, struct tt_half *rev,
                                   const struct tt_segment *segment, struct tt_finding *finding)
{
    if (finding->anomalies & TT_ZERO_WINDOW_PROBE)
        return;
    if (tt_is_duplicate_ack(fwd, rev, segment)) {
        fwd->duplicates = fwd->duplicates < 0 ? 1 : fwd->duplicates + 1;
        finding->anomalies |= TT_DUPLICATE_ACK;
        finding->number = (tt_u32)fwd->duplicates;
    }
}

/* Rule 10: this segment acknowledges what was not seen, or only behind a hole. */
TT_INLINE void tt_note_unseen(struct tt_half *rev, const struct tt_segment *segment)
{
    if (!(segment->flags & TT_ACK) || !rev->contiguous ||
        !tt_after(segment->acknowledgment, rev->contiguous))
        return;
    if (rev->contiguous == rev->next_sequence)
        rev->duplicates = TT_DUPLICATES_UNSEEN;
    rev->contiguous = rev->next_sequence;
}

/* `round_trip_ns`: of the handshake, 0 until a segment before this one completed it. */
TT_INLINE void tt_classify_sequence(struct tt_half *fwd, struct tt_half *rev, tt_u64 round_trip_ns,
                                    const struct tt_segment *segment, tt_u64 now,
                                    struct tt_finding *finding)
{
    bool probe =
        segment->length == 1 && segment->sequence == fwd->next_sequence && rev->window == 0;

    finding->anomalies |= probe ? (tt_u32)TT_ZERO_WINDOW_PROBE : tt_window_rules(fwd, rev, segment);
    tt_count_duplicates(fwd, rev, segment, finding);
    if (segment->acknowledgment != fwd->last_ack)
        fwd->duplicates = 0;
    tt_note_unseen(rev, segment);
    if ((segment->length || (segment->flags & TT_FIN)) && !(segment->flags & (TT_SYN | TT_RST)) &&
        !(finding->anomalies & TT_KEEP_ALIVE)) {
        tt_u32 repetition = tt_repetition_rules(fwd, rev, round_trip_ns, segment, now);

        finding->anomalies |= repetition;
        if (repetition & (TT_RETRANSMISSIONS | TT_OUT_OF_ORDER)) {
            finding->number = repetition & TT_OUT_OF_ORDER ? 0 : fwd->retransmissions + 1U;
            finding->elapsed_ns = now - fwd->advanced_ns;
        }
    }
}

/* Moves what the rules compare with. */
TT_INLINE void tt_advance(struct tt_half *fwd, const struct tt_segment *segment, tt_u64 now,
                          tt_u32 anomalies)
{
    tt_u32 end = segment->sequence + tt_segment_space(segment);

    fwd->last_ns = now;
    fwd->last_ack = segment->acknowledgment;
    fwd->window = segment->window;
    if ((segment->flags & TT_RST) || (anomalies & TT_ZERO_WINDOW_PROBE))
        return;
    if (fwd->next_sequence == 0 || tt_after(end, fwd->next_sequence)) {
        fwd->next_sequence = end;
        fwd->advanced_ns = now;
    }
    if (fwd->contiguous == 0 || segment->sequence == fwd->contiguous)
        fwd->contiguous = fwd->next_sequence;
}

#endif
