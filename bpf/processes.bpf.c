// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ends of processes, as far as connections need them: when a signal struck that ends a
 * process, and which connections were closed for a killed process by a FIN, so that a later
 * reset of one can be laid at its door. Tells user space nothing by itself.
 *
 * Not here: who sends a reset while it closes, which tcp_tracepoints.bpf.c reads from the
 * current task. That is why sched_process_exit is not needed (docs/decisions/0008).
 */
#include "process.bpf.h"
#include "socket.bpf.h"

/* Of x86, arm, s390, ppc, riscv (include/uapi/asm-generic/signal.h). */
#define TT_SIGCHLD 17
#define TT_SIGCONT 18
#define TT_SIGTTOU 22 /* SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU are 19 to 22 */
#define TT_SIGURG 23
#define TT_SIGWINCH 28

/* Does this signal end the process that has no handler for it? signal(7) */
static __always_inline bool tt_ends_process(int signal)
{
    return !(signal >= TT_SIGCHLD && signal <= TT_SIGURG) && signal != TT_SIGWINCH;
}

/* (sig, info, ka), in the task that gets it; the handler 0 is SIG_DFL. */
SEC("tp_btf/signal_deliver")
int tcptrace_signal(unsigned long long *ctx)
{
    const struct k_sigaction *action = (const void *)ctx[2];
    tt_u32 pid = bpf_get_current_pid_tgid() >> 32;
    tt_u64 now;

    if (!tt_ends_process((int)ctx[0]) || BPF_CORE_READ(action, sa.sa_handler))
        return 0;
    now = bpf_ktime_get_boot_ns();
    /* The first strikes; each further thread is given one as well. */
    if (bpf_map_update_elem(&dying, &pid, &now, BPF_NOEXIST)) {
        const struct task_struct *task = (const void *)bpf_get_current_task();
        const tt_u64 *before = bpf_map_lookup_elem(&dying, &pid);

        if (before && *before < BPF_CORE_READ(task, group_leader, start_boottime))
            bpf_map_update_elem(&dying, &pid, &now, BPF_ANY);
    }
    return 0;
}

/* (sk, oldstate, newstate): close() sends a FIN, in the context of who closes. */
SEC("tp_btf/inet_sock_set_state")
int tcptrace_orphan(unsigned long long *ctx)
{
    const struct sock *sk = (const void *)ctx[0];
    struct tt_stack_segment what = {};
    struct tt_last_owner owner = {};
    struct tt_flow_key key = {};

    if ((int)ctx[2] != TT_SOCKET_FIN_WAIT1 || !sk || !tt_is_exiting())
        return 0;
    tt_read_process(&owner.view);
    if (!owner.view.signal || !tt_ends_of_whole_socket(sk, &what))
        return 0;
    owner.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
    tt_flow_key_make(&key, &what.ends, what.segment.family, 0, TT_WAY_UNKNOWN);
    bpf_map_update_elem(&orphans, &key, &owner, BPF_ANY);
    return 0;
}
