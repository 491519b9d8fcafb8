/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a buffer that the kernel frees shows of its packet: the headers, the network
 * namespace, the device, the place it had come to.
 *
 * A buffer may be freed anywhere: before its headers' places are set, after the headers
 * were pulled, or while TCP uses the same bytes for links of its own. So everything is
 * read by probe reads, and believed only if its value makes sense.
 */
#ifndef TCPTRACE_DROPPED_BPF_H
#define TCPTRACE_DROPPED_BPF_H

#include "compat.bpf.h"

#include <tcptrace/drop.h>
#include <tcptrace/read_segment.h>
#include <tcptrace/stack.h>

#include <bpf/bpf_endian.h>

#define TT_OFFSET_NOT_SET 0xffff /* of a header in a buffer */
#define TT_DST_PTRMASK (~1UL)    /* SKB_DST_PTRMASK: the lowest bit is a flag */
#define TT_RTN_UNICAST 1         /* include/uapi/linux/rtnetlink.h */
#define TT_RTN_LOCAL 2
#define TT_RTF_LOCAL 0x80000000U /* include/uapi/linux/ipv6_route.h */
#define TT_DST_FAMILY_IPV4 2     /* AF_INET, AF_INET6 */
#define TT_DST_FAMILY_IPV6 10

/* The packet: its headers are copied, as no byte behind them is needed to know the flow. */
struct tt_dropped {
    struct tt_packet packet;
    const tt_u8 *ip;    /* in the kernel's memory */
    tt_u32 linear;      /* bytes there from `ip` on */
    tt_u32 wire_length; /* of the IP packet */
};

/* Bytes of the buffer's head where the IP header begins; or TT_OFFSET_NOT_SET. Between a
 * device and IP it is not set yet, and the data begins with it. */
static __always_inline tt_u32 tt_network_offset(const struct sk_buff *skb, const tt_u8 *head)
{
    tt_u32 offset = BPF_CORE_READ(skb, network_header);
    tt_u16 protocol = bpf_ntohs(BPF_CORE_READ(skb, protocol));

    if (offset != 0 && offset != TT_OFFSET_NOT_SET)
        return offset;
    if (protocol != TT_ETHERTYPE_IPV4 && protocol != TT_ETHERTYPE_IPV6)
        return TT_OFFSET_NOT_SET;
    return (tt_u32)(BPF_CORE_READ(skb, data) - head);
}

static __always_inline bool tt_find_dropped_ipv4(const tt_u8 *ip, tt_u32 on_wire,
                                                 struct tt_headers *headers)
{
    return tt_find_ipv4(ip, ip + 20, on_wire, headers) == TT_PARSED &&
           headers->protocol == TT_PROTOCOL_TCP;
}

/* Extension headers are looked at where they lie: `ip` holds the first 40 bytes only. */
static __always_inline bool tt_find_dropped_ipv6(const tt_u8 *ip, const tt_u8 *there,
                                                 tt_u32 on_wire, struct tt_headers *headers)
{
    tt_u32 payload = tt_load16(ip + 4);
    tt_u8 extension[2] = {ip[6], 0};
    tt_u32 skipped = 40;

    if (ip[0] >> 4 != TT_IPV6)
        return false;
    for (int i = 0; i < TT_IPV6_EXTENSIONS_MAX && extension[0] != TT_PROTOCOL_TCP; i++) {
        tt_u8 kind = extension[0];
        tt_u32 bytes;

        if (bpf_probe_read_kernel(extension, sizeof(extension), there + skipped))
            return false;
        bytes = tt_ipv6_extension(kind, extension[1]);
        if (bytes == 0)
            return false;
        skipped += bytes;
        TT_ANY_NUMBER(skipped, on_wire, TT_TRANSPORT_OFFSET_MASK);
    }
    if (extension[0] != TT_PROTOCOL_TCP || skipped > on_wire || (payload && payload + 40 < skipped))
        return false;
    headers->family = TT_IPV6;
    headers->protocol = TT_PROTOCOL_TCP;
    headers->transport_offset = (tt_u16)skipped;
    headers->transport_bytes = tt_ip_payload(payload ? payload + 40 : 0, skipped, on_wire);
    return true;
}

/* False if it is no TCP over IP, or not enough of it is there to say so. */
static __always_inline bool tt_read_dropped(const struct sk_buff *skb, struct tt_dropped *out)
{
    const tt_u8 *head = BPF_CORE_READ(skb, head);
    tt_u32 offset = tt_network_offset(skb, head);
    tt_u32 tail = BPF_CORE_READ(skb, tail);
    tt_u8 ip[40] __attribute__((aligned(8)));
    tt_u8 tcp[TT_TCP_HEADER_MIN] __attribute__((aligned(8)));
    struct tt_headers headers = {};

    /* An IPv4 header and a TCP header are as long as an IPv6 header. */
    if (offset == TT_OFFSET_NOT_SET || tail < sizeof(ip) || offset > tail - sizeof(ip))
        return false;
    out->ip = head + offset;
    out->linear = tail - offset;
    /* Of the data before or behind which headers have been put or taken off. */
    out->wire_length = BPF_CORE_READ(skb, len) + (tt_u32)(BPF_CORE_READ(skb, data) - out->ip);
    if (bpf_probe_read_kernel(ip, sizeof(ip), out->ip))
        return false;
    if (!tt_find_dropped_ipv4(ip, out->wire_length, &headers) &&
        !tt_find_dropped_ipv6(ip, out->ip, out->wire_length, &headers))
        return false;
    if (headers.transport_offset + sizeof(tcp) > out->linear ||
        bpf_probe_read_kernel(tcp, sizeof(tcp), out->ip + headers.transport_offset))
        return false;
    headers.network = ip;
    headers.transport = tcp;
    if (headers.family == TT_IPV4)
        return tt_read_packet(&headers, ip + 20, &out->packet) == TT_PARSED;
    return tt_read_packet(&headers, ip + 40, &out->packet) == TT_PARSED;
}

/* The namespace of a device, or NULL: the bytes may be something else. One that is a
 * namespace knows its lo, which is in it. */
static __always_inline const struct net *tt_net_of_device(const struct net_device *device)
{
    const struct net *net = device ? BPF_CORE_READ(device, nd_net.net) : NULL;

    if (!net || BPF_CORE_READ(net, loopback_dev, nd_net.net) != net)
        return NULL;
    return net;
}

static __always_inline tt_u8 tt_route_of(const struct dst_entry *dst)
{
    tt_u16 family = BPF_CORE_READ(dst, ops, family);
    const struct rtable *ipv4 = (const void *)dst;
    const struct rt6_info *ipv6 = (const void *)dst;
    tt_u16 type;

    if (family == TT_DST_FAMILY_IPV6)
        return BPF_CORE_READ(ipv6, rt6i_flags) & TT_RTF_LOCAL ? TT_ROUTE_LOCAL : TT_ROUTE_ONWARD;
    if (family != TT_DST_FAMILY_IPV4)
        return TT_ROUTE_UNKNOWN;
    type = BPF_CORE_READ(ipv4, rt_type);
    return type == TT_RTN_LOCAL     ? TT_ROUTE_LOCAL
           : type == TT_RTN_UNICAST ? TT_ROUTE_ONWARD
                                    : TT_ROUTE_UNKNOWN;
}

/* Has the socket it was for received all of its data before? Then nothing is lost. */
static __always_inline bool tt_is_repeated(const struct sock *sk, const struct tt_segment *segment)
{
    const struct tcp_sock *tcp = (const void *)sk;
    tt_u8 state;

    if (!sk || segment->length == 0 || BPF_CORE_READ(sk, sk_protocol) != TT_PROTOCOL_TCP)
        return false;
    state = BPF_CORE_READ(sk, __sk_common.skc_state);
    return tt_is_synchronised(state) &&
           !tt_after(segment->sequence + segment->length, BPF_CORE_READ(tcp, rcv_nxt));
}

/* Where the packet was: fills in *view, returns the inode number of the namespace or 0. */
static __always_inline tt_u32 tt_look_around(const struct sk_buff *skb, const struct sock *for_sk,
                                             const tt_u8 *ip, struct tt_drop_view *view)
{
    const struct dst_entry *dst = (const void *)(BPF_CORE_READ(skb, _skb_refdst) & TT_DST_PTRMASK);
    const struct net_device *device = BPF_CORE_READ(skb, dev);
    const struct net_device *onward = dst ? BPF_CORE_READ(dst, dev) : NULL;
    const struct inet_skb_parm *cb = (const void *)&skb->cb[0];
    const struct net *net_here = tt_net_of_device(device);
    const struct net *net_onward = tt_net_of_device(onward);
    const struct sock *sk = for_sk ? for_sk : BPF_CORE_READ(skb, sk);
    tt_u32 came_by = (tt_u32)BPF_CORE_READ(skb, skb_iif);
    struct tt_drop_facts facts = {
        .route = net_onward ? tt_route_of(dst) : TT_ROUTE_NONE,
        .received = came_by != 0,
        .has_device = net_here != NULL,
        .at_route_device = device == onward,
        .at_entrance = net_here && (tt_u32)BPF_CORE_READ(device, ifindex) == came_by &&
                       !BPF_CORE_READ(device, rx_handler),
        .has_link_header = BPF_CORE_READ(skb, data) < ip,
        .in_ip = came_by == (tt_u32)BPF_CORE_READ(cb, iif),
        .is_loopback = came_by == 1, /* in each namespace */
    };

    if (!net_here && !came_by && net_onward)
        device = onward;
    view->place = tt_place_of(&facts);
    if (net_here || device == onward) {
        view->ifindex = (tt_u32)BPF_CORE_READ(device, ifindex);
        BPF_CORE_READ_STR_INTO(&view->interface, device, name);
    } else {
        view->ifindex = came_by;
    }
    /* On its way from one namespace to another a packet keeps its sender's socket until IP
     * takes it (skb_scrub_packet(), ip_rcv_core()): the socket is asked last. */
    if (for_sk)
        return BPF_CORE_READ(for_sk, __sk_common.skc_net.net, ns.inum);
    if (net_onward)
        return BPF_CORE_READ(net_onward, ns.inum);
    if (net_here)
        return BPF_CORE_READ(net_here, ns.inum);
    return sk ? BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum) : 0;
}

#endif
