/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Times in buckets: eight to each power of two, so that a percentile read from
 * them is right within 13 %. The kernel counts in a per-CPU array, a file in a
 * plain one; both read out alike.
 */
#ifndef TCPTRACE_HISTOGRAM_H
#define TCPTRACE_HISTOGRAM_H

#include "types.h"

#define TT_HISTOGRAM_STEPS_LOG2 3 /* eight steps to a power of two */
#define TT_HISTOGRAM_BUCKETS 352  /* up to 2^46 ns, 19 hours; longer ones count in the last */

/* Position of the highest bit; 0 for 0. Without clz, which BPF does not have. */
TT_INLINE tt_u32 tt_log2(tt_u64 value)
{
    tt_u32 result = 0;

    if (value >> 32) {
        value >>= 32;
        result += 32;
    }
    if (value >> 16) {
        value >>= 16;
        result += 16;
    }
    if (value >> 8) {
        value >>= 8;
        result += 8;
    }
    if (value >> 4) {
        value >>= 4;
        result += 4;
    }
    if (value >> 2) {
        value >>= 2;
        result += 2;
    }
    return result + (tt_u32)(value >> 1);
}

TT_INLINE tt_u32 tt_histogram_bucket(tt_u64 ns)
{
    tt_u32 log2 = tt_log2(ns);
    tt_u32 bucket;

    if (log2 < TT_HISTOGRAM_STEPS_LOG2)
        return (tt_u32)ns;
    bucket = ((log2 - TT_HISTOGRAM_STEPS_LOG2 + 1) << TT_HISTOGRAM_STEPS_LOG2) +
             (tt_u32)((ns >> (log2 - TT_HISTOGRAM_STEPS_LOG2)) & 7);
    return bucket < TT_HISTOGRAM_BUCKETS ? bucket : TT_HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket, in nanoseconds. */
TT_INLINE tt_u64 tt_histogram_value(tt_u32 bucket)
{
    tt_u32 power = bucket >> TT_HISTOGRAM_STEPS_LOG2;
    tt_u64 low;

    if (power == 0)
        return bucket;
    low = (tt_u64)(8 + (bucket & 7)) << (power - 1);
    return low + ((tt_u64)1 << (power - 1)) / 2;
}

#endif
