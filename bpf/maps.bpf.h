/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All that the programs remember or are told. Weak, so that each .bpf.c may include
 * this file and the linker keeps one of each.
 */
#ifndef TCPTRACE_MAPS_BPF_H
#define TCPTRACE_MAPS_BPF_H

#include "compat.bpf.h"

#include <tcptrace/flow_set.h>
#include <tcptrace/kernel_memory.h>
#include <tcptrace/record.h>
#include <tcptrace/settings.h>

/* Written by user space before load and frozen: the verifier knows each value and
 * drops the branches that cannot be taken. */
const volatile struct tt_settings settings __weak SEC(".rodata") = {};
const volatile struct tt_kernel kernel __weak SEC(".rodata") = {};

struct tt_shared shared __weak SEC(".bss") = {};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, TT_FLOWS_DEFAULT / TT_FLOW_PLACES);
    __type(key, tt_u32);
    __type(value, struct tt_flow_set);
} flows __weak SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, tt_u32);
    __type(value, struct tt_cpu);
} cpus __weak SEC(".maps");

/* Small and never starved by the other. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 20);
} anomalies __weak SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, tt_u32);
    __type(value, struct tt_packet_buffer);
} packet_buffers __weak SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, tt_u32);
    __type(value, struct tt_recorded);
} recorder __weak SEC(".maps");

/* Evidence and packets: large, and what finds no room is counted and let go. */
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 12);
} packets __weak SEC(".maps");

/* Names the type of what the rings carry, for the ABI test. */
const struct tt_record *const volatile record_type __weak SEC(".rodata") = NULL;

/* The compiler must not take the zeros above for the values: hide where they are. */
static __always_inline const struct tt_settings *tt_the_settings(void)
{
    const struct tt_settings *pointer = (const struct tt_settings *)&settings;

    tt_forget(pointer);
    return pointer;
}

static __always_inline struct tt_cpu *tt_this_cpu(void)
{
    tt_u32 only = 0;

    return bpf_map_lookup_elem(&cpus, &only);
}

static __always_inline tt_u64 tt_now(const struct tt_settings *chosen)
{
    return chosen->packet_clock ? shared.test_clock_ns : bpf_ktime_get_boot_ns();
}

/* Of what can be interrupted by a hook on its own CPU. */
#define tt_count(counter) __sync_fetch_and_add(&(counter), 1)

static __always_inline void tt_watched_changed(bool before, bool after)
{
    if (before != after)
        __sync_fetch_and_add(&shared.watched, after ? 1 : (tt_u64)-1);
}

#endif
