/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What differs between the kernels from 5.10 on, and between their verifiers.
 * Why each stands here: the same source was refused without it by some kernel.
 */
#ifndef TCPTRACE_COMPAT_BPF_H
#define TCPTRACE_COMPAT_BPF_H

/* See types.h, which must not come first. XOR with an unknown number twice is all it
 * takes; the empty asm keeps the compiler from seeing that. */
#define TT_ANY_NUMBER(value, unknown, mask) \
    do {                                    \
        (value) ^= (unknown);               \
        asm volatile("" : "+r"(value));     \
        (value) ^= (unknown);               \
        asm volatile("" : "+r"(value));     \
        (value) &= (mask);                  \
    } while (0)

#include "kernel_types.bpf.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include <tcptrace/types.h>

/* Makes the compiler forget what it knows of a register, so that the checks the
 * verifier needs stay where they were written. */
#define tt_forget(variable) asm volatile("" : "+r"(variable))

/* 1 <= value <= most for every verifier: each bound is set by one comparison of this
 * one register, with >= and <=, as old kernels learn nothing from == and !=. */
#define tt_clamp_length(value, most)           \
    asm volatile("if %[v] >= 1 goto +1\n\t"    \
                 "%[v] = 1\n\t"                \
                 "if %[v] <= %[m] goto +1\n\t" \
                 "%[v] = %[m]"                 \
                 : [v] "+r"(value)             \
                 : [m] "i"(most))

/* The flags of a buffer that TCP is sending; 16 bits wide from 6.16 (AccECN). */
static __always_inline tt_u8 tt_sent_flags(const struct tcp_skb_cb *cb)
{
    const struct tcp_skb_cb___before_6_16 *old = (const void *)cb;

    if (bpf_core_field_size(cb->tcp_flags) == 1)
        return BPF_CORE_READ(old, tcp_flags);
    return (tt_u8)BPF_CORE_READ(cb, tcp_flags);
}

#endif
