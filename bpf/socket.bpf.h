/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the tracepoints need to know of a socket, a request and a received buffer.
 * Everything is read by probe reads: any pointer may be of another kind of socket.
 */
#ifndef TCPTRACE_SOCKET_BPF_H
#define TCPTRACE_SOCKET_BPF_H

#include "compat.bpf.h"

#include <tcptrace/parse.h>
#include <tcptrace/stack.h>

#include <bpf/bpf_endian.h>

#define TT_AF_INET 2
#define TT_AF_INET6 10
#define TT_SOCK_DONE 1 /* sock_flags: a FIN has come; as old as the bit's use */

/* A segment of the stack, as told to user space. */
struct tt_stack_segment {
    struct tt_endpoints ends; /* sender first */
    struct tt_segment segment;
};

static __always_inline bool tt_is_mapped(const union tt_address *address)
{
    const tt_u8 *bytes = address->bytes;

    return address->words[0] == 0 && address->words[1] == 0 && bytes[8] == 0 && bytes[9] == 0 &&
           bytes[10] == 0xff && bytes[11] == 0xff;
}

/* The socket's own end as source. False if it is no socket of IP. */
static __always_inline bool tt_ends_of_socket(const struct sock *sk, struct tt_stack_segment *out)
{
    const struct sock_common *common = &sk->__sk_common;
    tt_u16 family = BPF_CORE_READ(common, skc_family);
    tt_u32 address;

    if (family == TT_AF_INET) {
        address = BPF_CORE_READ(common, skc_rcv_saddr);
        tt_copy_address(&out->ends.source, (const tt_u8 *)&address, TT_IPV4);
        address = BPF_CORE_READ(common, skc_daddr);
        tt_copy_address(&out->ends.destination, (const tt_u8 *)&address, TT_IPV4);
        out->segment.family = TT_IPV4;
    } else if (family == TT_AF_INET6) {
        BPF_CORE_READ_INTO(&out->ends.source, common, skc_v6_rcv_saddr.in6_u.u6_addr8);
        BPF_CORE_READ_INTO(&out->ends.destination, common, skc_v6_daddr.in6_u.u6_addr8);
        out->segment.family = tt_is_mapped(&out->ends.destination) ? TT_IPV4 : TT_IPV6;
    } else {
        return false;
    }
    out->ends.source_port = BPF_CORE_READ(common, skc_num);
    out->ends.destination_port = bpf_ntohs(BPF_CORE_READ(common, skc_dport));
    return true;
}

/* A socket about to be closed has lost skc_num (inet_put_port()), not inet_sport. */
static __always_inline bool tt_ends_of_whole_socket(const struct sock *sk,
                                                    struct tt_stack_segment *out)
{
    const struct inet_sock *inet = (const void *)sk;

    if (!tt_ends_of_socket(sk, out))
        return false;
    if (out->ends.source_port == 0)
        out->ends.source_port = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
    return out->ends.source_port != 0 && out->ends.destination_port != 0;
}

static __always_inline void tt_turn_round(struct tt_endpoints *ends)
{
    union tt_address address = ends->source;
    tt_u16 port = ends->source_port;

    ends->source = ends->destination;
    ends->source_port = ends->destination_port;
    ends->destination = address;
    ends->destination_port = port;
}

static __always_inline bool tt_read_ip(const tt_u8 *ip, struct tt_stack_segment *out)
{
    tt_u8 header[40] __attribute__((aligned(8)));

    if (bpf_probe_read_kernel(header, 20, ip))
        return false;
    out->segment.family = header[0] >> 4 == TT_IPV4 ? TT_IPV4 : TT_IPV6;
    if (out->segment.family == TT_IPV6 && bpf_probe_read_kernel(header, 40, ip))
        return false;
    return tt_read_ends(&out->ends.source, &out->ends.destination, header, header + sizeof(header),
                        out->segment.family);
}

/*
 * The reset that answers the received segment in `skb`, whose data begins with its
 * TCP header (RFC 9293 §3.10.7: numbers of a reset). *answers_syn: that was a SYN.
 */
static __always_inline bool tt_reset_for(const struct sk_buff *skb, struct tt_stack_segment *out,
                                         bool *answers_syn)
{
    const tt_u8 *head = BPF_CORE_READ(skb, head);
    const tt_u8 *tcp = head + BPF_CORE_READ(skb, transport_header);
    tt_u8 header[TT_TCP_HEADER_MIN] __attribute__((aligned(8)));
    tt_u32 length;

    if (!tt_read_ip(head + BPF_CORE_READ(skb, network_header), out) ||
        bpf_probe_read_kernel(header, sizeof(header), tcp))
        return false;
    out->ends.source_port = tt_load16(header);
    out->ends.destination_port = tt_load16(header + 2);
    tt_turn_round(&out->ends);
    *answers_syn = (header[13] & (TT_SYN | TT_ACK)) == TT_SYN;
    out->segment.flags = TT_RST;
    if (header[13] & TT_ACK) {
        out->segment.sequence = tt_load32(header + 8);
        return true;
    }
    length = BPF_CORE_READ(skb, len) - (tt_u32)(header[12] >> 4) * 4;
    length += (header[13] & TT_SYN ? 1 : 0) + (header[13] & TT_FIN ? 1 : 0);
    out->segment.flags |= TT_ACK;
    out->segment.acknowledgment = tt_load32(header + 4) + length;
    return true;
}

/* What a whole socket knows about how far its connection had come. */
static __always_inline void tt_read_facts(const struct sock *sk, struct tt_reset_facts *facts)
{
    const struct tcp_sock *tcp = (const void *)sk;

    facts->fin_arrived = (BPF_CORE_READ(sk, __sk_common.skc_flags) >> TT_SOCK_DONE) & 1;
    /* The SYN counts as one byte acknowledged. */
    facts->data = BPF_CORE_READ(tcp, bytes_received) > 0 || BPF_CORE_READ(tcp, bytes_acked) > 1;
    /* The FIN took a number, too. */
    facts->unread =
        BPF_CORE_READ(tcp, rcv_nxt) - facts->fin_arrived != BPF_CORE_READ(tcp, copied_seq);
    facts->not_accepted = !BPF_CORE_READ(sk, sk_socket);
}

#endif
