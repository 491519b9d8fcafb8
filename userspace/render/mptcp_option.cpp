// SPDX-License-Identifier: Apache-2.0
#include "render/mptcp_option.h"

#include "core/address.h"
#include "render/text.h"

#include <tcptrace/parse.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tcptrace {

namespace {

bool append_capable(std::string &out, Bytes option, std::uint8_t flags)
{
    const std::size_t length = option.size();
    const unsigned version = option.u8(2) & 0x0f;
    const bool syn = flags & TT_SYN;
    const bool third = (flags & (TT_SYN | TT_ACK)) == TT_ACK;

    if (!((length == 4 || length == 12) && syn) && !((length == 20 || length == 22) && third))
        return false;
    if (version > 1) {
        put(out, " Unknown Version ({})", version);
        return true;
    }
    put(out, " v{}", version);
    if (option.u8(3) & 0x80)
        out += " csum";
    if (length == 12)
        put(out, " {{0x{:x}}}", option.u64(4));
    else if (length >= 20)
        put(out, " {{0x{:x},0x{:x}}}", option.u64(4), option.u64(12));
    return true;
}

bool append_join(std::string &out, Bytes option, std::uint8_t flags)
{
    const std::size_t length = option.size();
    const bool syn = flags & TT_SYN;
    const bool synack = syn && (flags & TT_ACK);

    if (!(length == 12 && syn) && !(length == 16 && synack) && !(length == 24 && (flags & TT_ACK)))
        return false;
    if (length == 24) {
        out += " hmac 0x";
        append_hex(out, option.from(4).span());
        return true;
    }
    if (option.u8(2) & 0x01)
        out += " backup";
    put(out, " id {}", option.u8(3));
    if (length == 12)
        put(out, " token 0x{:x} nonce 0x{:x}", option.u32(4), option.u32(8));
    else
        put(out, " hmac 0x{:x} nonce 0x{:x}", option.u64(4), option.u32(12));
    return true;
}

// A number of eight or four bytes; false if it is not all there.
bool append_number(std::string &out, Bytes &rest, bool wide)
{
    const std::size_t bytes = wide ? 8 : 4;

    if (!rest.has(bytes))
        return false;
    put(out, "{}", wide ? rest.u64(0) : rest.u32(0));
    rest = rest.from(bytes);
    return true;
}

bool append_data_sequence(std::string &out, Bytes option, std::uint8_t flags)
{
    const unsigned bits = option.u8(3);
    Bytes rest = option.from(4);

    if (!option.has(4) || (flags & TT_SYN))
        return false;
    if (bits & 0x10)
        out += " fin";
    if (bits & 0x01) {
        out += " ack ";
        if (!append_number(out, rest, bits & 0x02))
            return false;
    }
    if (bits & 0x04) {
        out += " seq ";
        if (!append_number(out, rest, bits & 0x08))
            return false;
        if (!rest.has(4))
            return false;
        put(out, " subseq {}", rest.u32(0));
        rest = rest.from(4);
        if (!rest.has(2))
            return false;
        put(out, " len {}", rest.u16(0));
        rest = rest.from(2);
        if (rest.has(2)) {
            put(out, " csum 0x{:x}", rest.u16(0));
            rest = rest.from(2);
        }
    }
    return rest.size() == 0;
}

// Length tells the family, and whether a port and an HMAC follow.
bool append_add_address(std::string &out, Bytes option, std::uint8_t)
{
    const std::size_t length = option.size();
    const bool port = length % 4 != 0;
    const std::size_t plain = length - (port ? 2 : 0);
    const bool v4 = plain == 8 || plain == 16;
    const bool v6 = plain == 20 || plain == 28;
    const bool hmac = plain == 16 || plain == 28;
    constexpr std::array<std::string_view, 7> versions{"v1",
                                                       "v1-echo",
                                                       "[bad version/echo]",
                                                       "[bad version/echo]",
                                                       "v0-ip4",
                                                       "[bad version/echo]",
                                                       "v0-ip6"};
    const unsigned version = option.u8(2) & 0x0f;

    if (!v4 && !v6)
        return false;
    Address address;
    address.family = v4 ? TT_IPV4 : TT_IPV6;
    tt_copy_address(&address.raw, option.span().data() + 4, address.family);
    put(out, " {} id {} {}", version < versions.size() ? versions[version] : versions[2],
        option.u8(3), to_string(address));
    Bytes rest = option.from(v4 ? 8 : 20);
    if (port) {
        put(out, ":{}", rest.u16(0));
        rest = rest.from(2);
    }
    if (hmac)
        put(out, " hmac 0x{:x}", rest.u64(0));
    return true;
}

bool append_remove_address(std::string &out, Bytes option, std::uint8_t)
{
    if (!option.has(4))
        return false;
    out += " id";
    for (const std::uint8_t id : option.from(3).span())
        put(out, " {}", id);
    return true;
}

bool append_priority(std::string &out, Bytes option, std::uint8_t)
{
    if (option.size() != 3 && option.size() != 4)
        return false;
    out += option.u8(2) & 0x01 ? " backup" : " non-backup";
    if (option.size() == 4)
        put(out, " id {}", option.u8(3));
    return true;
}

bool append_fail(std::string &out, Bytes option, std::uint8_t)
{
    if (option.size() != 12)
        return false;
    put(out, " seq {}", option.u64(4));
    return true;
}

bool append_fast_close(std::string &out, Bytes option, std::uint8_t)
{
    if (option.size() != 12)
        return false;
    put(out, " key 0x{:x}", option.u64(4));
    return true;
}

bool append_unknown(std::string &, Bytes, std::uint8_t)
{
    return true;
}

struct Subtype {
    std::string_view name;
    bool (*append)(std::string &out, Bytes option, std::uint8_t flags);
};

constexpr std::array subtypes{
    Subtype{"capable", append_capable},
    Subtype{"join", append_join},
    Subtype{"dss", append_data_sequence},
    Subtype{"add-addr", append_add_address},
    Subtype{"rem-addr", append_remove_address},
    Subtype{"prio", append_priority},
    Subtype{"fail", append_fail},
    Subtype{"fast-close", append_fast_close},
    Subtype{"unknown", append_unknown},
};

} // namespace

bool append_mptcp_option(std::string &out, Bytes option, std::uint8_t flags)
{
    if (!option.has(3))
        return false;
    const auto &subtype = subtypes[std::min<std::size_t>(option.u8(2) >> 4, subtypes.size() - 1)];
    put(out, " {} {}", option.size(), subtype.name);
    return subtype.append(out, option, flags);
}

} // namespace tcptrace
