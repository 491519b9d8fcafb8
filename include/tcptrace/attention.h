/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What gets attention: which flows are given a state, and what of a segment is told
 * to user space. Behind the gate (read_segment.h), around the classifier.
 */
#ifndef TCPTRACE_ATTENTION_H
#define TCPTRACE_ATTENTION_H

#include "anomaly.h"
#include "segment.h"
#include "settings.h"

/* What to do with a segment whose flow has no state. */
enum tt_admission {
    TT_ADMIT_STATE,   /* make one */
    TT_ADMIT_SCRATCH, /* classify it against an empty one, keep nothing */
    TT_ADMIT_SKIP,    /* of no use without what came before: count it */
    TT_ADMIT_LET_GO,
};

TT_INLINE tt_u32 tt_admit(const struct tt_segment *segment, tt_u32 depth, bool notable)
{
    if (depth == TT_DEPTH_SEQUENCE)
        return TT_ADMIT_STATE;
    if (!notable)
        return TT_ADMIT_LET_GO;
    if (segment->kind == TT_KIND_ICMP_ERROR || (segment->flags & TT_RST))
        return TT_ADMIT_SCRATCH;
    if ((segment->flags & TT_SYN) || segment->window == 0)
        return TT_ADMIT_STATE;
    return TT_ADMIT_SKIP; /* FIN */
}

enum tt_telling {
    TT_TELL_NOTHING,
    TT_TELL_EVIDENCE, /* a packet that shows how the connection went */
    TT_TELL_ANOMALY,
};

TT_INLINE tt_u32 tt_tell(const struct tt_finding *finding, const struct tt_segment *segment,
                         const struct tt_settings *settings)
{
    if (finding->anomalies || (finding->signs & (TT_SIGN_WINDOW_OPENED | TT_SIGN_ONE_WAY |
                                                 TT_SIGN_ANSWERED | TT_SIGN_DSACK)))
        return TT_TELL_ANOMALY;
    if (settings->evidence &&
        ((segment->flags & (TT_SYN | TT_FIN | TT_RST)) || (finding->signs & TT_SIGN_ESTABLISHED)))
        return TT_TELL_EVIDENCE;
    return TT_TELL_NOTHING;
}

#endif
