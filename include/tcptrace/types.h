/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The words the contract is written in: fixed-width integers and the few
 * attributes that C (for BPF) and C++ (for user space) need to read one text.
 *
 * Not here: anything that depends on a libc, a kernel header or a helper.
 */
#ifndef TCPTRACE_TYPES_H
#define TCPTRACE_TYPES_H

#include <stdbool.h>

/* The compiler's own types, so that in C++ they are those of <cstdint>. */
typedef __UINT8_TYPE__ tt_u8;
typedef __UINT16_TYPE__ tt_u16;
typedef __UINT32_TYPE__ tt_u32;
typedef __UINT64_TYPE__ tt_u64;
typedef __INT32_TYPE__ tt_s32;
typedef __INT64_TYPE__ tt_s64;

/* BPF before 5.10 knows no calls between programs' parts that we could rely on
 * for packet pointers, and on the packet path a call costs as much as the gate. */
#define TT_INLINE static inline __attribute__((always_inline))

#ifdef __cplusplus
#define TT_STATIC_ASSERT static_assert
#else
#define TT_STATIC_ASSERT _Static_assert
#endif

/*
 * For the BPF verifier alone, which follows each way through a program on its own as
 * long as the ways leave different offsets behind: bpf/compat.bpf.h makes it forget
 * what it knows of `value` but that it is at most `mask`, so that the ways become one.
 * `unknown` is any number from outside. The value itself stays as it is.
 */
#ifndef TT_ANY_NUMBER
#define TT_ANY_NUMBER(value, unknown, mask) ((void)0)
#endif

#define TT_NSEC_PER_SEC 1000000000ULL
#define TT_NSEC_PER_MSEC 1000000ULL

/*
 * Loads from any alignment; header fields need no other. The BPF compiler does not know
 * that the machines where BPF is compiled load unaligned, and would go byte by byte.
 */
#ifdef __bpf__
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TT_BIG_ENDIAN16 __builtin_bswap16
#define TT_BIG_ENDIAN32 __builtin_bswap32
#else
#define TT_BIG_ENDIAN16
#define TT_BIG_ENDIAN32
#endif

TT_INLINE tt_u16 tt_load16(const tt_u8 *p)
{
    return TT_BIG_ENDIAN16(*(const tt_u16 *)p);
}

TT_INLINE tt_u32 tt_load32(const tt_u8 *p)
{
    return TT_BIG_ENDIAN32(*(const tt_u32 *)p);
}

TT_INLINE tt_u32 tt_load_word(const tt_u8 *p)
{
    return *(const tt_u32 *)p;
}
#else
/* Big-endian. */
TT_INLINE tt_u16 tt_load16(const tt_u8 *p)
{
    return (tt_u16)((tt_u16)p[0] << 8 | p[1]);
}

TT_INLINE tt_u32 tt_load32(const tt_u8 *p)
{
    return (tt_u32)p[0] << 24 | (tt_u32)p[1] << 16 | (tt_u32)p[2] << 8 | p[3];
}

/* As it lies in memory. */
TT_INLINE tt_u32 tt_load_word(const tt_u8 *p)
{
    tt_u32 word;

    __builtin_memcpy(&word, p, sizeof(word));
    return word;
}
#endif

/* Sequence numbers are compared modulo 2^32 (RFC 9293 §3.4). */
TT_INLINE bool tt_before(tt_u32 a, tt_u32 b)
{
    return (tt_s32)(a - b) < 0;
}

TT_INLINE bool tt_after(tt_u32 a, tt_u32 b)
{
    return tt_before(b, a);
}

#endif
