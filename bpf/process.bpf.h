/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which process is at work, and whether it is at its end. Only for hooks that run in the
 * context of the system call, or of the exit, that they belong to: elsewhere (timers,
 * softirq) the current task is whoever was interrupted.
 *
 * A process that ends closes its sockets itself: do_exit() runs exit_files(), and the work
 * that puts them off, with PF_EXITING set and exit_code known (kernel/exit.c).
 */
#ifndef TCPTRACE_PROCESS_BPF_H
#define TCPTRACE_PROCESS_BPF_H

#include "maps.bpf.h"

#define TT_PF_EXITING 0x00000004 /* include/linux/sched.h, since 2.6 */
#define TT_PF_KTHREAD 0x00200000
#define TT_EXIT_SIGNAL 0x7f /* of an exit code, as for wait(2) */

/* A process that was given a signal which ends it, and when. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, tt_u32); /* pid */
    __type(value, tt_u64);
} dying __weak SEC(".maps");

/* Who held a connection that was closed by FIN because its process was killed. */
struct tt_last_owner {
    struct tt_stack_view view; /* of the process */
    tt_u32 netns;
    tt_u32 zero;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, struct tt_flow_key);
    __type(value, struct tt_last_owner);
} orphans __weak SEC(".maps");

static __always_inline bool tt_is_exiting(void)
{
    const struct task_struct *task = (const void *)bpf_get_current_task();

    return BPF_CORE_READ(task, flags) & TT_PF_EXITING;
}

/* Fills in the current process; a thread of the kernel is none. */
static __always_inline void tt_read_process(struct tt_stack_view *view)
{
    const struct task_struct *task = (const void *)bpf_get_current_task();
    tt_u32 flags = BPF_CORE_READ(task, flags);
    tt_u32 pid = bpf_get_current_pid_tgid() >> 32;
    const tt_u64 *died_ns;

    if (flags & TT_PF_KTHREAD)
        return;
    view->pid = pid;
    BPF_CORE_READ_STR_INTO(&view->process, task, group_leader, comm);
    if (!(flags & TT_PF_EXITING))
        return;
    view->exiting = 1;
    view->signal = BPF_CORE_READ(task, exit_code) & TT_EXIT_SIGNAL;
    died_ns = bpf_map_lookup_elem(&dying, &pid);
    /* Else an earlier process's of this pid. */
    if (view->signal && died_ns && *died_ns >= BPF_CORE_READ(task, start_boottime))
        view->died_ns = *died_ns;
}

static __always_inline void tt_copy_process(struct tt_stack_view *view,
                                            const struct tt_stack_view *from)
{
    view->pid = from->pid;
    view->exiting = from->exiting;
    view->signal = from->signal;
    view->died_ns = from->died_ns;
    __builtin_memcpy(view->process, from->process, sizeof(view->process));
}

#endif
