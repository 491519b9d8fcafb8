/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The few kernel structs that are read, with only the fields that are read. libbpf
 * finds each field's place in the running kernel by name (CO-RE), so order and
 * offsets here mean nothing, and the build needs no vmlinux.h of any kernel.
 *
 * Not here: what user space sees of the kernel (<linux/bpf.h>).
 */
#ifndef TCPTRACE_KERNEL_TYPES_BPF_H
#define TCPTRACE_KERNEL_TYPES_BPF_H

#include <linux/bpf.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
    unsigned int inum;
};

struct net_device;

struct net {
    struct ns_common ns;
    struct net_device *loopback_dev;
};

typedef struct {
    struct net *net;
} possible_net_t;

struct in6_addr {
    union {
        __u8 u6_addr8[16];
    } in6_u;
};

struct sock_common {
    __be32 skc_daddr;
    __be32 skc_rcv_saddr;
    __be16 skc_dport;
    __u16 skc_num;
    unsigned short skc_family;
    unsigned char skc_state;
    unsigned long skc_flags;
    possible_net_t skc_net;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
};

struct socket;

struct sock {
    struct sock_common __sk_common;
    struct socket *sk_socket; /* NULL before accept() and after close() */
    __u16 sk_protocol;
};

struct inet_sock {
    __be16 inet_sport;
};

struct inet_connection_sock {
    __u8 icsk_pending; /* which timer runs */
};

struct tcp_sock {
    __u32 rcv_nxt;
    __u32 copied_seq;
    __u32 snd_una;
    __u32 snd_wnd;
    __u32 data_segs_out;
    __u64 bytes_received;
    __u64 bytes_acked;
};

struct request_sock {
    struct sock_common __req_common;
    __u8 num_retrans;
};

struct tcp_request_sock {
    __u32 snt_isn;
};

struct net_device {
    char name[16];
    int ifindex;
    void *rx_handler; /* takes what comes in: of a bridge, a bond, a macvlan */
    possible_net_t nd_net;
};

struct dst_ops {
    unsigned short family;
};

struct dst_entry {
    struct net_device *dev;
    struct dst_ops *ops;
};

/* A route of IPv4. */
struct rtable {
    struct dst_entry dst;
    __u16 rt_type;
};

/* A route of IPv6. */
struct rt6_info {
    struct dst_entry dst;
    __u32 rt6i_flags;
};

struct sk_buff {
    struct net_device *dev;
    struct sock *sk;
    char cb[48];
    unsigned long _skb_refdst;
    unsigned int len;
    int skb_iif;
    __be16 protocol;
    __u16 transport_header;
    __u16 network_header;
    unsigned int tail; /* as an offset, on machines of 64 bits */
    unsigned char *head;
    unsigned char *data;
};

/* In sk_buff.cb while IP of either version owns the buffer: the device it came by. */
struct inet_skb_parm {
    int iif;
};

/* In sk_buff.cb while TCP owns the buffer. */
struct tcp_skb_cb {
    __u32 seq;
    __u32 end_seq;
    __u16 tcp_flags;
};

struct tcp_skb_cb___before_6_16 {
    __u8 tcp_flags;
};

struct task_struct {
    unsigned int flags;
    int exit_code;
    int tgid;
    struct task_struct *group_leader;
    __u64 start_boottime;
    char comm[16];
};

struct sigaction {
    void *sa_handler;
};

struct k_sigaction {
    struct sigaction sa;
};

enum sk_rst_reason {
    SK_RST_REASON_TCP_KEEPALIVE_TIMEOUT = 1, /* the running kernel's number is looked up */
};

struct bpf_iter__bpf_map_elem {
    void *key;
    void *value;
};

#pragma clang attribute pop

#endif
