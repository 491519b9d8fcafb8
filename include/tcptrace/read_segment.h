/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Behind parse.h: the gate, and the reading of the TCP header or of the ICMP
 * error it found into a tt_packet.
 */
#ifndef TCPTRACE_READ_SEGMENT_H
#define TCPTRACE_READ_SEGMENT_H

#include "parse.h"

#define TT_OPTION_END 0
#define TT_OPTION_NOP 1
#define TT_OPTION_SCALE 3
#define TT_OPTION_SACK 5
#define TT_OPTION_TIMESTAMPS 8

/*
 * The gate: does this transport header say something that is notable by itself?
 * True also for what may be an ICMP error. *result tells why a frame is skipped.
 */
TT_INLINE bool tt_gate(const struct tt_headers *headers, const tt_u8 *end, int *result)
{
    const tt_u8 *tcp = headers->transport;
    tt_u8 flags;

    *result = TT_PARSED;
    if (headers->protocol != TT_PROTOCOL_TCP) {
        *result = headers->protocol == TT_PROTOCOL_ICMP || headers->protocol == TT_PROTOCOL_ICMPV6
                      ? TT_PARSED
                      : TT_NOT_TCP;
        return *result == TT_PARSED;
    }
    if (tcp + TT_TCP_HEADER_MIN > end) {
        *result = TT_TRUNCATED;
        return false;
    }
    flags = tcp[13];
    return (flags & (TT_SYN | TT_FIN | TT_RST)) != 0 || (tcp[14] == 0 && tcp[15] == 0);
}

/*
 * The shift a SYN offers, or TT_SCALE_ABSENT. `length`: bytes of options. Values
 * over 14 count as 14 (RFC 7323 §2.3).
 *
 * Walks bytes and waits for the next option's place, instead of walking options: so
 * each access has a fixed place, where the BPF verifier would otherwise follow every
 * sum of option lengths and give up. One option of three bytes is looked for, so the
 * walk may stop three bytes before the end.
 */
TT_INLINE tt_u8 tt_read_scale(const tt_u8 *options, const tt_u8 *end, tt_u32 length)
{
    tt_u32 next = 0;

    for (tt_u32 at = 0; at + 3 <= TT_TCP_OPTIONS_MAX; at++) {
        const tt_u8 *option = options + at;

        if (at + 3 > length || option + 3 > end)
            break;
        if (at != next)
            continue;
        if (option[0] == TT_OPTION_END)
            break;
        if (option[0] == TT_OPTION_SCALE && option[1] == 3)
            return option[2] > TT_SCALE_MAX ? TT_SCALE_MAX : option[2];
        if (option[0] != TT_OPTION_NOP && option[1] < 2)
            break;
        next = at + (option[0] == TT_OPTION_NOP ? 1 : option[1]);
    }
    return TT_SCALE_ABSENT;
}

/*
 * What came twice, if that is what the first block of this SACK option tells (RFC 2883 §4): it
 * is acknowledged already, or a part of the second block. `sack` begins with the option's kind.
 */
TT_INLINE void tt_read_duplicate(const tt_u8 *sack, const tt_u8 *end, struct tt_segment *segment)
{
    tt_u32 left, right;

    if (sack + 10 > end || sack[1] < 10)
        return;
    left = tt_load32(sack + 2);
    right = tt_load32(sack + 6);
    if (tt_after(right, segment->acknowledgment)) {
        if (sack[1] < 18 || sack + 18 > end || tt_after(tt_load32(sack + 10), left) ||
            tt_after(right, tt_load32(sack + 14)))
            return;
    }
    segment->dsack = left;
    segment->dsack_256 = right - left < 0xff00 ? (tt_u8)((right - left) >> 8) : 0xff;
}

/*
 * SACK stands where Linux, the BSDs and Windows put it: padded by two NOPs, first or behind
 * the timestamps that are padded alike. Elsewhere it is not looked for. `length`: of the options.
 */
TT_INLINE void tt_read_dsack(const tt_u8 *options, const tt_u8 *end, tt_u32 length,
                             struct tt_segment *segment)
{
    const tt_u32 padded = TT_OPTION_NOP << 24 | TT_OPTION_NOP << 16;
    tt_u32 first;

    if (length < 12 || options + 4 > end)
        return;
    first = tt_load32(options);
    if ((first & 0xffffff00) == (padded | TT_OPTION_SACK << 8)) {
        tt_read_duplicate(options + 2, end, segment);
        return;
    }
    if (first != (padded | TT_OPTION_TIMESTAMPS << 8 | 10) || length < 24 || options + 16 > end ||
        (tt_load32(options + 12) & 0xffffff00) != (padded | TT_OPTION_SACK << 8))
        return;
    tt_read_duplicate(options + 14, end, segment);
}

TT_INLINE int tt_read_tcp(const struct tt_headers *headers, const tt_u8 *end,
                          struct tt_packet *packet)
{
    const tt_u8 *tcp = headers->transport;
    struct tt_segment *segment = &packet->segment;
    tt_u32 header_length;

    if (tcp + TT_TCP_HEADER_MIN > end)
        return TT_TRUNCATED;
    header_length = (tt_u32)(tcp[12] >> 4) * 4;
    if (header_length < TT_TCP_HEADER_MIN || header_length > headers->transport_bytes)
        return TT_MALFORMED;
    packet->ends.source_port = tt_load16(tcp);
    packet->ends.destination_port = tt_load16(tcp + 2);
    segment->sequence = tt_load32(tcp + 4);
    segment->flags = tcp[13];
    segment->acknowledgment = segment->flags & TT_ACK ? tt_load32(tcp + 8) : 0;
    segment->window = tt_load16(tcp + 14);
    segment->header_length = (tt_u8)header_length;
    segment->length = headers->transport_bytes - header_length;
    segment->kind = TT_KIND_TCP;
    if (segment->flags & TT_SYN)
        segment->scale =
            tt_read_scale(tcp + TT_TCP_HEADER_MIN, end, header_length - TT_TCP_HEADER_MIN);
    else if (segment->flags & TT_ACK)
        tt_read_dsack(tcp + TT_TCP_HEADER_MIN, end, header_length - TT_TCP_HEADER_MIN, segment);
    return TT_PARSED;
}

TT_INLINE bool tt_is_icmp_error(tt_u8 protocol, tt_u8 type)
{
    if (protocol == TT_PROTOCOL_ICMP)
        return type == TT_ICMP_UNREACHABLE || type == TT_ICMP_TIME_EXCEEDED;
    return type == TT_ICMPV6_UNREACHABLE || type == TT_ICMPV6_TOO_BIG ||
           type == TT_ICMPV6_TIME_EXCEEDED;
}

/*
 * An ICMP error answers the packet it quotes, so its flow is the quoted one with
 * the ends exchanged. At least 8 bytes of the quoted TCP header are there by
 * RFC 792; who sent the error is in the outer header.
 */
TT_INLINE int tt_read_icmp_error(const struct tt_headers *headers, const tt_u8 *end,
                                 struct tt_packet *packet)
{
    const tt_u8 *icmp = headers->transport;
    const tt_u8 *quoted = icmp + 8;
    bool v4 = headers->protocol == TT_PROTOCOL_ICMP;
    struct tt_segment *segment = &packet->segment;
    tt_u32 quoted_header = 40;

    if (v4 != (headers->family == TT_IPV4))
        return TT_MALFORMED;
    if (icmp + 8 > end)
        return TT_TRUNCATED;
    if (!tt_is_icmp_error(headers->protocol, icmp[0]))
        return TT_NOT_TCP;
    if (!tt_read_ends(&packet->ends.destination, &packet->ends.source, quoted, end,
                      headers->family))
        return TT_TRUNCATED;
    if (quoted[v4 ? 9 : 6] != TT_PROTOCOL_TCP)
        return TT_NOT_TCP;
    if (v4) {
        quoted_header = (tt_u32)(quoted[0] & 0x0f) * 4;
        if (quoted_header < 20 || (tt_load16(quoted + 6) & 0x1fff))
            return TT_MALFORMED;
    }
    segment->mtu = v4 ? tt_load16(icmp + 6) : tt_load32(icmp + 4);
    segment->kind = TT_KIND_ICMP_ERROR;
    segment->icmp_type = icmp[0];
    segment->icmp_code = icmp[1];
    quoted += quoted_header;
    if (quoted + 8 > end)
        return TT_TRUNCATED;
    packet->ends.source_port = tt_load16(quoted + 2);
    packet->ends.destination_port = tt_load16(quoted);
    segment->sequence = tt_load32(quoted + 4);
    return TT_PARSED;
}

/* Reads what parse.h found; *packet is whole only if TT_PARSED is returned. */
TT_INLINE int tt_read_packet(const struct tt_headers *headers, const tt_u8 *end,
                             struct tt_packet *packet)
{
    struct tt_segment *segment = &packet->segment;
    const tt_u8 *ip = headers->network;
    bool v4 = headers->family == TT_IPV4;

    __builtin_memset(packet, 0, sizeof(*packet));
    if (!tt_read_ends(&packet->ends.source, &packet->ends.destination, ip, end, headers->family))
        return TT_TRUNCATED;
    segment->network_offset = headers->network_offset;
    segment->transport_offset = headers->transport_offset;
    segment->family = headers->family;
    segment->ttl = ip[v4 ? 8 : 7];
    segment->identification = v4 ? tt_load16(ip + 4) : 0;
    segment->scale = TT_SCALE_ABSENT;
    return headers->protocol == TT_PROTOCOL_TCP ? tt_read_tcp(headers, end, packet)
                                                : tt_read_icmp_error(headers, end, packet);
}

#endif
