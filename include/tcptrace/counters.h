/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A name for everything that is seen, let go, skipped or lost: nothing vanishes
 * silently. One struct for each CPU in the kernel, one for a file.
 *
 * The list below is the only one: fields, names in --stats and JSON, and the
 * table in docs/output.md (checked by check.docs) all follow it.
 */
#ifndef TCPTRACE_COUNTERS_H
#define TCPTRACE_COUNTERS_H

#include "types.h"

/* X(name, what is counted) */
#define TT_COUNTERS(X)                                                                     \
    X(packets_seen, "frames that reached a hook or were read from a file")                 \
    X(segments_let_go, "healthy TCP segments the gate let pass without a look at state")   \
    X(segments_classified, "segments the classifier was shown")                            \
    X(skip_not_ip, "frames without IPv4 or IPv6")                                          \
    X(skip_not_tcp, "IP packets that are neither TCP nor an ICMP error about TCP")         \
    X(skip_fragment, "IP fragments: no whole TCP header in them")                          \
    X(skip_truncated, "frames cut before the end of the TCP header")                       \
    X(skip_malformed, "headers that contradict themselves")                                \
    X(skip_unknown_flow, "FIN of a connection that was not seen to begin (depth notable)") \
    X(skip_netns, "resets received and states in other network namespaces")                \
    X(connections, "SYNs that began a connection, at each observation point")              \
    X(events_suppressed, "events damped in the kernel; they ride on the next one")         \
    X(flows_evicted, "flow states given up for newer flows")                               \
    X(flows_no_room, "segments that found no place for their flow's state")                \
    X(sweep_over_budget, "unanswered SYNs found but not told one by one")                  \
    X(drops_quiet, "TCP packets freed by the kernel as healthy connections' are, too")     \
    X(drops_over_budget, "TCP packets dropped by the kernel but not told one by one")      \
    X(packets_matched, "packets that the filter let through, where packets are asked for") \
    X(packets_lost, "of those, lost because the ring buffer was full")                     \
    X(records_lost, "anomalies lost because the ring buffer was full")                     \
    X(evidence_lost, "packets kept as evidence lost because the ring buffer was full")

struct tt_counters {
#define TT_COUNTER_FIELD(name, text) tt_u64 name;
    TT_COUNTERS(TT_COUNTER_FIELD)
#undef TT_COUNTER_FIELD
};

#endif
