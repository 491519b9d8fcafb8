// SPDX-License-Identifier: Apache-2.0
#include "render/tcp_options.h"

#include "render/mptcp_option.h"
#include "render/text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace tcptrace {

namespace {

enum Kind : std::uint8_t {
    end_of_list = 0,
    no_operation = 1,
    segment_size = 2,
    window_scale = 3,
    sack_permitted = 4,
    sack = 5,
    echo = 6,
    echo_reply = 7,
    timestamps = 8,
    transaction_count = 11,
    transaction_new = 12,
    transaction_echo = 13,
    md5_signature = 19,
    scps = 20,
    user_timeout = 28,
    authentication = 29,
    multipath = 30,
    fast_open = 34,
    experiment = 254,
};

constexpr std::uint16_t fast_open_magic = 0xf989;

// One option whose value is there: `value` is what follows kind and length.
struct Option {
    std::uint8_t kind;
    Bytes whole; // from the kind on
    Bytes value;
    std::size_t length; // of the value, also where it is cut
    std::uint8_t flags;
    std::uint32_t sack_origin;
    bool segment_is_whole;
};

// How tcpdump names an option, and the bytes of value it must have; nothing: as many as
// its length says.
struct Shape {
    std::uint8_t kind;
    std::string_view name;
    std::optional<std::size_t> value;
};

constexpr std::array shapes{
    Shape{end_of_list, "eol", 0},
    Shape{no_operation, "nop", 0},
    Shape{segment_size, "mss", 2},
    Shape{window_scale, "wscale", 1},
    Shape{sack_permitted, "sackOK", 0},
    Shape{sack, "sack", {}},
    Shape{echo, "echo", 4},
    Shape{echo_reply, "echoreply", 4},
    Shape{timestamps, "TS", 8},
    Shape{transaction_count, "cc", 4},
    Shape{transaction_new, "ccnew", 4},
    Shape{transaction_echo, "", 4},
    Shape{md5_signature, "md5", 16},
    Shape{scps, "scps", 2},
    Shape{user_timeout, "uto", 2},
    Shape{authentication, "tcp-ao", {}},
    Shape{multipath, "mptcp", {}},
    Shape{fast_open, "tfo", {}},
    Shape{experiment, "exp", {}},
};

// Prints the option's name; its shape, or nothing for an unknown kind.
std::optional<Shape> append_name(std::string &out, std::uint8_t kind)
{
    const auto shape = std::ranges::find(shapes, kind, &Shape::kind);
    if (shape == shapes.end()) {
        put(out, "unknown-{}", kind);
        return std::nullopt;
    }
    out += shape->name;
    return *shape;
}

void append_sack(std::string &out, const Option &option)
{
    if (option.length % 8 != 0) {
        out += " invalid sack";
        return;
    }
    put(out, " {} ", option.value.size() / 8);
    for (std::size_t at = 0; at < option.value.size(); at += 8)
        put(out, "{{{}:{}}}", option.value.u32(at) - option.sack_origin,
            option.value.u32(at + 4) - option.sack_origin);
}

void append_fast_open(std::string &out, Bytes cookie)
{
    if (cookie.size() == 0) {
        out += " cookiereq";
    } else if (cookie.size() % 2 != 0 || cookie.size() < 4 || cookie.size() > 16) {
        out += " (invalid)";
    } else {
        out += " cookie ";
        append_hex(out, cookie.span());
    }
}

void append_authentication(std::string &out, Bytes value)
{
    if (value.size() < 2) {
        out += " (invalid)";
        return;
    }
    put(out, " keyid {} rnextkeyid {}", value.u8(0), value.u8(1));
    if (value.size() > 2) {
        out += " mac 0x";
        append_hex(out, value.from(2).span());
    }
}

void append_user_timeout(std::string &out, std::uint16_t value)
{
    const unsigned seconds = value & 1 ? (value >> 1) * 60U : value >> 1;
    put(out, " 0x{:x} {}", value, seconds);
}

bool append_experiment(std::string &out, Bytes value)
{
    if (value.size() < 2)
        return false;
    out += '-';
    if (value.u16(0) == fast_open_magic) {
        out += "tfo";
        append_fast_open(out, value.from(2));
    } else {
        put(out, "{:04x}", value.u16(0));
    }
    return true;
}

void append_md5(std::string &out, const Option &option)
{
    put(out, " {}, can't check - ",
        option.segment_is_whole ? "shared secret not supplied with -M" : "snaplen too short");
    append_hex(out, option.value.span());
}

// The value behind the name; false if it is malformed.
bool append_value(std::string &out, const Option &option)
{
    switch (option.kind) {
    case end_of_list:
    case no_operation:
    case sack_permitted:
        break;
    case segment_size:
        put(out, " {}", option.value.u16(0));
        break;
    case window_scale:
        put(out, " {}", option.value.u8(0));
        break;
    case sack:
        append_sack(out, option);
        break;
    case echo:
    case echo_reply:
    case transaction_count:
    case transaction_new:
    case transaction_echo:
        put(out, " {}", option.value.u32(0));
        break;
    case timestamps:
        put(out, " val {} ecr {}", option.value.u32(0), option.value.u32(4));
        break;
    case md5_signature:
        append_md5(out, option);
        break;
    case scps:
        put(out, " cap {:02x} id {}", option.value.u8(0), option.value.u8(1));
        break;
    case user_timeout:
        append_user_timeout(out, option.value.u16(0));
        break;
    case authentication:
        append_authentication(out, option.value);
        break;
    case multipath:
        return append_mptcp_option(out, option.whole, option.flags);
    case fast_open:
        out += ' ';
        append_fast_open(out, option.value);
        break;
    case experiment:
        return append_experiment(out, option.value);
    default:
        if (option.value.size() > 0)
            out += " 0x";
        append_hex(out, option.value.span());
    }
    return true;
}

OptionsEnd malformed(std::string &out, bool first)
{
    out += first ? "[bad opt]" : "[bad opt]]";
    return OptionsEnd::Malformed;
}

// Cut inside a value, tcpdump closes another bracket than it opened.
OptionsEnd cut(std::string &out, bool closing)
{
    out += closing ? " [|tcp]>" : " [|tcp]";
    return OptionsEnd::Cut;
}

} // namespace

OptionsEnd append_tcp_options(std::string &out, Bytes options, std::size_t length,
                              std::uint8_t flags, std::uint32_t sack_origin, bool segment_is_whole)
{
    std::size_t at = 0;

    while (at < length) {
        const bool first = at == 0;
        const Bytes rest = options.from(at);

        if (!first)
            out += ',';
        if (!rest.has(1))
            return cut(out, false);
        const std::uint8_t kind = rest.u8(0);
        const bool bare = kind == end_of_list || kind == no_operation;
        if (!bare && !rest.has(2))
            return cut(out, false);
        const std::size_t claimed = bare ? 1 : rest.u8(1);
        const std::size_t room = length - at;
        if (!bare && (claimed < 2 || claimed > room))
            return malformed(out, first);
        const auto shape = append_name(out, kind);
        const std::size_t head = bare ? 1 : 2;
        const std::size_t value = shape && shape->value ? *shape->value : claimed - head;
        if (head + value > room)
            return malformed(out, first);
        const bool readable = kind == sack && value % 8 != 0; // not read, as it is invalid
        if (!readable && !rest.has(head + value))
            return cut(out, !first);
        const Option option{
            kind,        rest.first(claimed), rest.from(head).first(value), value, flags,
            sack_origin, segment_is_whole};
        if (!append_value(out, option))
            return malformed(out, first);
        if (head + value != claimed)
            put(out, "[len {}]", claimed);
        at += head + value;
        if (kind == end_of_list)
            break;
    }
    out += ']';
    return OptionsEnd::Whole;
}

} // namespace tcptrace
