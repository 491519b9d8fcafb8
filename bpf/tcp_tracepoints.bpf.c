// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The stack's own words: what the kernel's TCP says it did or met. As BTF
 * tracepoints, which need no tracefs. They run for every network namespace of the
 * machine and cost nothing on a healthy packet.
 *
 * What an event is called stands in include/tcptrace/stack.h. Arguments that a
 * tracepoint got over time are read only where the kernel passes them: one too many
 * and the verifier refuses the program.
 */
#include "emit.bpf.h"
#include "process.bpf.h"
#include "socket.bpf.h"

#include <tcptrace/stack.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TT_IPPROTO_TCP 6
#define TT_ENOBUFS                                                                \
    105 /* the kernel's own number on all machines but alpha, mips, sparc, parisc \
         */
#define TT_ICSK_TIME_LOSS_PROBE 5 /* include/net/inet_connection_sock.h, since 3.10 */

static __always_inline tt_u32 tt_netns_of(const struct sock *sk, const struct sk_buff *skb)
{
    if (sk)
        return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
    return skb ? BPF_CORE_READ(skb, dev, nd_net.net, ns.inum) : 0;
}

/* One event of the stack; the caller fills what differs. */
struct tt_stack_event {
    struct tt_stack_segment what;
    struct tt_stack_view view;
    tt_u32 anomalies;
    tt_u32 number;
    tt_u32 netns;
    tt_u8 hook;
    tt_u8 way;
    tt_u8 stage;
    bool from_initiator; /* known, because only an initiator is in this state */
};

/* A reset of a connection whose process was killed before. */
static __always_inline void tt_remember_owner(struct tt_record *record)
{
    struct tt_flow_key key = record->key;
    const struct tt_last_owner *owner = bpf_map_lookup_elem(&orphans, &key);

    if (owner && owner->netns == record->netns)
        tt_copy_process(&record->stack, &owner->view);
}

/* What a stack did to a connection is evidence about it wherever it was done; what came to
 * it, and its states, are its own matter. */
static __always_inline bool tt_is_deed(tt_u8 hook)
{
    return hook == TT_HOOK_SEND_RESET || hook == TT_HOOK_RETRANSMIT_SKB ||
           hook == TT_HOOK_RETRANSMIT_SYNACK;
}

static __always_inline void tt_tell_stack(const struct tt_stack_event *event)
{
    const struct tt_settings *chosen = tt_the_settings();
    struct tt_cpu *cpu = tt_this_cpu();
    struct tt_record *record;
    tt_u64 now;

    if (!cpu)
        return;
    if (chosen->only_netns && event->netns != chosen->netns && !tt_is_deed(event->hook)) {
        tt_count(cpu->counters.skip_netns);
        return;
    }
    now = tt_now(chosen);
    record = tt_reserve(cpu, TT_TELL_ANOMALY, now);
    if (!record)
        return;
    record->netns = event->netns;
    record->witness = TT_WITNESS_STACK;
    record->hook = event->hook;
    record->way = event->way;
    record->depth = TT_DEPTH_STACK;
    record->finding.anomalies = event->anomalies;
    record->finding.number = event->number;
    record->finding.stage = event->stage;
    record->segment = event->what.segment;
    record->segment.scale = TT_SCALE_ABSENT;
    record->stack = event->view;
    tt_flow_state_init(&record->state, now);
    record->sender = (tt_u8)tt_flow_key_make(&record->key, &event->what.ends,
                                             event->what.segment.family, 0, TT_WAY_UNKNOWN);
    if (event->view.why == TT_RESET_AFTER_CLOSE)
        tt_remember_owner(record);
    if (event->from_initiator)
        record->state.initiator = record->sender;
    tt_submit(record, TT_TELL_ANOMALY);
}

static __always_inline void tt_look_at_socket(const struct sock *sk, struct tt_stack_event *event)
{
    const struct tcp_sock *tcp = (const void *)sk;

    event->netns = tt_netns_of(sk, NULL);
    event->view.socket = (tt_u64)(long)sk;
    event->view.state = BPF_CORE_READ(sk, __sk_common.skc_state);
    if (tt_is_whole_socket(event->view.state))
        event->view.data_segments = BPF_CORE_READ(tcp, data_segs_out);
    event->from_initiator = event->view.state == TT_SOCKET_SYN_SENT;
}

/* The timer of a tail loss probe stands as pending while the probe is sent; that of a
 * retransmission time-out does not (tcp_write_timer_handler() in net/ipv4/tcp_timer.c). */
static __always_inline bool tt_is_loss_probe(const struct sock *sk)
{
    const struct inet_connection_sock *connection = (const void *)sk;

    return bpf_core_field_exists(connection->icsk_pending) &&
           BPF_CORE_READ(connection, icsk_pending) == TT_ICSK_TIME_LOSS_PROBE;
}

/* What a queue at the device returns instead of an error means ENOBUFS: net_xmit_errno() in
 * include/linux/netdevice.h. */
static __always_inline tt_u8 tt_errno_of(int result)
{
    return result > 0 ? TT_ENOBUFS : (tt_u8)-result;
}

/* (sk, skb), from 6.17 with the error of a retransmission that was not sent: that one is
 * told, but is no anomaly. */
SEC("tp_btf/tcp_retransmit_skb")
int tcptrace_rexmit(unsigned long long *ctx)
{
    const struct sock *sk = (const void *)ctx[0];
    const struct sk_buff *skb = (const void *)ctx[1];
    struct tt_stack_event event = {.hook = TT_HOOK_RETRANSMIT_SKB, .way = TT_OUT};
    struct tt_segment *segment = &event.what.segment;
    const struct tcp_sock *tcp = (const void *)sk;
    const struct tcp_skb_cb *cb;

    if (kernel.retransmit_skb_arguments >= 3)
        event.view.error = tt_errno_of((int)ctx[2]);
    if (!sk || !skb || !tt_ends_of_whole_socket(sk, &event.what))
        return 0;
    tt_look_at_socket(sk, &event);
    event.view.probe = tt_is_loss_probe(sk);
    /* The buffer has no TCP header yet: TCP keeps what it is in its own part. */
    cb = (const void *)&skb->cb[0];
    segment->flags = tt_sent_flags(cb);
    segment->sequence = BPF_CORE_READ(cb, seq);
    segment->length = BPF_CORE_READ(cb, end_seq) - segment->sequence - tt_segment_space(segment);
    if (!event.view.error)
        event.anomalies = tt_stack_retransmission(event.view.state, segment->flags);
    if (event.anomalies == TT_RETRANSMISSION &&
        tt_stack_window_full(BPF_CORE_READ(cb, end_seq), BPF_CORE_READ(tcp, snd_una),
                             BPF_CORE_READ(tcp, snd_wnd)))
        event.anomalies |= TT_WINDOW_FULL;
    tt_tell_stack(&event);
    return 0;
}

SEC("tp_btf/tcp_retransmit_synack")
int tcptrace_synack(unsigned long long *ctx)
{
    const struct sock *request = (const void *)ctx[1];
    const struct request_sock *common = (const void *)request;
    const struct tcp_request_sock *tcp = (const void *)request;
    struct tt_stack_event event = {
        .hook = TT_HOOK_RETRANSMIT_SYNACK,
        .way = TT_OUT,
        .anomalies = TT_SYNACK_RETRANSMISSION,
    };

    if (!request || !tt_ends_of_socket(request, &event.what))
        return 0;
    event.netns = tt_netns_of(request, NULL);
    event.view.socket = (tt_u64)(long)request;
    event.view.state = TT_SOCKET_NEW_SYN_RECV;
    event.what.segment.flags = TT_SYN | TT_ACK;
    event.what.segment.sequence = BPF_CORE_READ(tcp, snt_isn);
    event.number = BPF_CORE_READ_BITFIELD_PROBED(common, num_retrans) + 1U;
    tt_tell_stack(&event);
    return 0;
}

static __always_inline void tt_read_reason(tt_u8 reason, struct tt_stack_event *event,
                                           struct tt_reset_facts *facts)
{
    event->view.reason = reason;
    event->view.knows_reason = 1;
    facts->has_reason = true;
    if (bpf_core_enum_value_exists(enum sk_rst_reason, SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT))
        facts->says_keepalive =
            reason == bpf_core_enum_value(enum sk_rst_reason, SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT);
}

/* By a call of close() and the like, or at an exit: then the current process did it. */
static __always_inline bool tt_is_by_process(tt_u8 why)
{
    return why == TT_RESET_UNREAD_DATA || why == TT_RESET_ABORTED || why == TT_RESET_NOT_ACCEPTED ||
           why == TT_RESET_DESTROYED;
}

/*
 * (sk, skb), from 6.10 with a reason. `skb` is the segment that is answered, if one
 * is; `sk` is the socket it was for, if one is there.
 */
SEC("tp_btf/tcp_send_reset")
int tcptrace_rstout(unsigned long long *ctx)
{
    const struct sock *sk = (const void *)ctx[0];
    const struct sk_buff *skb = (const void *)ctx[1];
    struct tt_stack_event event = {
        .hook = TT_HOOK_SEND_RESET,
        .way = TT_OUT,
        .anomalies = TT_RESET,
    };
    struct tt_reset_facts facts = {.sent = true, .answers = skb != NULL};

    if (sk)
        tt_look_at_socket(sk, &event);
    else
        event.netns = tt_netns_of(NULL, skb);
    if (skb) {
        if (!tt_reset_for(skb, &event.what, &facts.answers_syn))
            return 0;
    } else {
        if (!sk || !tt_ends_of_whole_socket(sk, &event.what))
            return 0;
        event.what.segment.flags = TT_RST | TT_ACK;
    }
    facts.state = event.view.state;
    if (sk && tt_is_whole_socket(facts.state))
        tt_read_facts(sk, &facts);
    event.stage = tt_stack_reset_stage(&facts);
    if (kernel.send_reset_arguments >= 3)
        tt_read_reason((tt_u8)ctx[2], &event, &facts);
    event.view.why = tt_stack_reset_why(&facts);
    if (tt_is_by_process(event.view.why))
        tt_read_process(&event.view);
    tt_tell_stack(&event);
    return 0;
}

SEC("tp_btf/tcp_receive_reset")
int tcptrace_rstin(unsigned long long *ctx)
{
    const struct sock *sk = (const void *)ctx[0];
    struct tt_stack_event event = {
        .hook = TT_HOOK_RECEIVE_RESET,
        .way = TT_IN,
        .anomalies = TT_RESET,
    };
    struct tt_reset_facts facts = {.sent = false};

    if (!sk || !tt_ends_of_whole_socket(sk, &event.what))
        return 0;
    tt_turn_round(&event.what.ends);
    tt_look_at_socket(sk, &event);
    event.from_initiator = false;
    event.what.segment.flags = TT_RST;
    facts.state = event.view.state;
    tt_read_facts(sk, &facts);
    event.stage = tt_stack_reset_stage(&facts);
    tt_tell_stack(&event);
    return 0;
}

/* Of all changes only the one that says: this connect() has failed. Without a source port it
 * failed because none was free. */
SEC("tp_btf/inet_sock_set_state")
int tcptrace_state(unsigned long long *ctx)
{
    const struct sock *sk = (const void *)ctx[0];
    struct tt_stack_event event = {.hook = TT_HOOK_SET_STATE, .way = TT_OUT};

    if ((int)ctx[1] != TT_SOCKET_SYN_SENT || (int)ctx[2] != TT_SOCKET_CLOSE)
        return 0;
    if (!sk || BPF_CORE_READ(sk, sk_protocol) != TT_IPPROTO_TCP)
        return 0;
    if (!tt_ends_of_whole_socket(sk, &event.what) && event.what.ends.destination_port == 0)
        return 0;
    tt_look_at_socket(sk, &event);
    event.view.state = TT_SOCKET_SYN_SENT;
    event.view.new_state = TT_SOCKET_CLOSE;
    event.from_initiator = true;
    tt_tell_stack(&event);
    return 0;
}
