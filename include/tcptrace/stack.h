/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel's own TCP means by its tracepoints, in the words of anomaly.h.
 * Pure functions of what was read from the socket; bpf/tcp_tracepoints.bpf.c reads.
 */
#ifndef TCPTRACE_STACK_H
#define TCPTRACE_STACK_H

#include "anomaly.h"
#include "segment.h"

/* Socket states; part of the kernel's ABI (struct tcp_info). */
enum tt_socket_state {
    TT_SOCKET_ESTABLISHED = 1,
    TT_SOCKET_SYN_SENT = 2,
    TT_SOCKET_SYN_RECV = 3,
    TT_SOCKET_FIN_WAIT1 = 4,
    TT_SOCKET_FIN_WAIT2 = 5,
    TT_SOCKET_TIME_WAIT = 6,
    TT_SOCKET_CLOSE = 7,
    TT_SOCKET_CLOSE_WAIT = 8,
    TT_SOCKET_LAST_ACK = 9,
    TT_SOCKET_LISTEN = 10,
    TT_SOCKET_CLOSING = 11,
    TT_SOCKET_NEW_SYN_RECV = 12,
};

#define TT_FULL_SEGMENT 1448 /* payload on Ethernet, with timestamps */

/* TIME_WAIT and NEW_SYN_RECV are kept in small structs that are no whole socket. */
TT_INLINE bool tt_is_whole_socket(tt_u8 state)
{
    return state != TT_SOCKET_TIME_WAIT && state != TT_SOCKET_NEW_SYN_RECV;
}

/* The handshake is over, and the socket takes what comes (RFC 9293 §3.3.2). */
TT_INLINE bool tt_is_synchronised(tt_u8 state)
{
    return state == TT_SOCKET_ESTABLISHED || state == TT_SOCKET_FIN_WAIT1 ||
           state == TT_SOCKET_FIN_WAIT2 || state == TT_SOCKET_CLOSE_WAIT ||
           state == TT_SOCKET_LAST_ACK || state == TT_SOCKET_CLOSING;
}

TT_INLINE tt_u32 tt_stack_retransmission(tt_u8 state, tt_u8 flags)
{
    if (!(flags & TT_SYN))
        return TT_RETRANSMISSION;
    return state == TT_SOCKET_SYN_SENT ? TT_SYN_RETRANSMISSION : TT_SYNACK_RETRANSMISSION;
}

/*
 * Does the segment that ends at `end` leave no room for another full one in the
 * peer's window? Then its repetition may be the peer's want of room, not loss.
 */
TT_INLINE bool tt_stack_window_full(tt_u32 end, tt_u32 unacknowledged, tt_u32 window)
{
    return !tt_before(end + TT_FULL_SEGMENT, unacknowledged + window);
}

/* What is known of a connection when its stack sends or receives a reset. */
struct tt_reset_facts {
    tt_u8 state;      /* enum tt_socket_state; 0: there is no socket */
    bool sent;        /* by this stack; else received */
    bool answers;     /* it is sent in answer to a segment */
    bool answers_syn; /* and that was a SYN */
    bool fin_arrived;
    bool data;         /* bytes were received, or acknowledged by the peer */
    bool unread;       /* bytes were received that nobody read */
    bool not_accepted; /* no accept() has fetched the connection yet */
    bool has_reason;   /* the kernel gives a reason (6.10), and it is ... */
    bool says_keepalive;
};

/* Why a stack sent a reset: what had happened at its end of the connection. */
enum tt_reset_why {
    TT_RESET_UNEXPLAINED = 0,
    TT_RESET_NO_SOCKET = 1,    /* it knows no such connection, or port */
    TT_RESET_UNREAD_DATA = 2,  /* closed with data that was not read (RFC 2525 §2.17) */
    TT_RESET_ABORTED = 3,      /* closed so that it is reset: SO_LINGER 0, or disconnected */
    TT_RESET_NOT_ACCEPTED = 4, /* the listening socket was closed before accept() */
    TT_RESET_KEEPALIVE = 5,    /* the peer did not answer keep-alive probes */
    TT_RESET_AFTER_CLOSE = 6,  /* data came to a socket that is closed for it */
    TT_RESET_DESTROYED = 7,    /* from outside: ss -K, a BPF program */
};

/*
 * close() and disconnect() put the socket into state CLOSE before they reset it, a timer and
 * tcp_abort() do not (net/ipv4/tcp.c, tcp_timer.c). Unread data is looked at before
 * SO_LINGER (__tcp_close()); what waits for accept() is disconnected without that look
 * (inet_csk_listen_stop()).
 */
TT_INLINE tt_u8 tt_stack_reset_why(const struct tt_reset_facts *facts)
{
    if (facts->state == 0)
        return TT_RESET_NO_SOCKET;
    /* The connection is gone, though its port is listened on (RFC 9293 §3.10.7.2). */
    if (facts->state == TT_SOCKET_LISTEN && !facts->answers_syn)
        return TT_RESET_NO_SOCKET;
    if (facts->answers)
        return facts->state == TT_SOCKET_CLOSE || facts->state == TT_SOCKET_TIME_WAIT
                   ? TT_RESET_AFTER_CLOSE
                   : TT_RESET_UNEXPLAINED;
    if (facts->state == TT_SOCKET_CLOSE) {
        if (facts->not_accepted)
            return TT_RESET_NOT_ACCEPTED;
        return facts->unread ? TT_RESET_UNREAD_DATA : TT_RESET_ABORTED;
    }
    if (facts->state != TT_SOCKET_ESTABLISHED && facts->state != TT_SOCKET_CLOSE_WAIT)
        return TT_RESET_UNEXPLAINED;
    if (facts->has_reason)
        return facts->says_keepalive ? TT_RESET_KEEPALIVE : TT_RESET_DESTROYED;
    return TT_RESET_UNEXPLAINED;
}

/*
 * A socket that sends a reset of its own accord is in state CLOSE by then, and can
 * have come there only from a synchronised state (tcp_need_reset() in net/ipv4/tcp.c).
 */
TT_INLINE tt_u8 tt_stack_reset_stage(const struct tt_reset_facts *facts)
{
    if (facts->answers_syn)
        return TT_STAGE_SYN;
    switch (facts->state) {
    case TT_SOCKET_SYN_SENT:
        return TT_STAGE_SYN;
    case TT_SOCKET_SYN_RECV:
    case TT_SOCKET_NEW_SYN_RECV:
        return TT_STAGE_HANDSHAKE;
    case TT_SOCKET_CLOSE:
        if (!facts->sent)
            return TT_STAGE_UNKNOWN;
        /* A socket that still meets segments in this state was closed by a FIN. */
        if (facts->fin_arrived || facts->answers)
            return TT_STAGE_CLOSING;
        return facts->data ? TT_STAGE_DATA : TT_STAGE_HANDSHAKE;
    case TT_SOCKET_ESTABLISHED:
        return facts->data ? TT_STAGE_DATA : TT_STAGE_HANDSHAKE;
    case TT_SOCKET_FIN_WAIT1:
    case TT_SOCKET_FIN_WAIT2:
    case TT_SOCKET_TIME_WAIT:
    case TT_SOCKET_CLOSE_WAIT:
    case TT_SOCKET_LAST_ACK:
    case TT_SOCKET_CLOSING:
        return TT_STAGE_CLOSING;
    default:
        return TT_STAGE_UNKNOWN;
    }
}

#endif
