// SPDX-License-Identifier: Apache-2.0
#include "render/ip_options.h"

#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <string_view>

namespace tcptrace {

namespace {

enum Kind : std::uint8_t {
    end_of_list = 0,
    no_operation = 1,
    record_route = 7,
    timestamp = 68,
    traceroute = 82,
    security = 130,
    loose_route = 131,
    strict_route = 137,
    router_alert = 148,
};

std::string_view name_of(std::uint8_t kind)
{
    switch (kind) {
    case end_of_list:
        return "EOL";
    case no_operation:
        return "NOP";
    case record_route:
        return "RR";
    case timestamp:
        return "timestamp";
    case traceroute:
        return "traceroute";
    case security:
        return "security";
    case loose_route:
        return "LSRR";
    case strict_route:
        return "SSRR";
    case router_alert:
        return "RA";
    default:
        return {};
    }
}

void append_route(std::string &out, Bytes option, const Names *names)
{
    const std::size_t length = option.size();

    if (length < 3) {
        put(out, " [bad length {}]", length);
        return;
    }
    if ((length + 1) & 3)
        put(out, " [bad length {}]", length);
    const unsigned pointer = option.u8(2) - 1U;
    if (pointer < 3 || ((pointer + 1) & 3) || pointer > length + 1)
        put(out, " [bad ptr {}]", option.u8(2));
    for (std::size_t at = 3; at + 4 <= length; at += 4) {
        put(out, " {}", host_text(option.from(at).first(4), names));
        if (pointer > at)
            out += ',';
    }
}

// RFC 791: pointer, overflow and kind, then times with or without their addresses.
void append_timestamps(std::string &out, Bytes option, const Names *names)
{
    const std::size_t length = option.size();
    const unsigned mode = option.u8(3) & 0x0f;
    const std::size_t step = mode == 0 ? 4 : 8;
    const unsigned pointer = option.u8(2) - 1U;

    if (length < 4) {
        put(out, "[bad length {}]", length);
        return;
    }
    out += " TS{";
    if ((length - 4) & (step - 1))
        put(out, "[bad length {}]", length);
    if (pointer < 4 || ((pointer - 4) & (step - 1)) || pointer > length + 1)
        put(out, "[bad ptr {}]", option.u8(2));
    std::size_t at = 0;
    if (mode == 0 || mode == 1 || mode == 3) {
        const char *before = " ";
        out += mode == 0 ? "TSONLY" : mode == 1 ? "TS+ADDR" : "PRESPEC";
        for (at = 4; at + step <= length; at += step) {
            if (pointer == at)
                before = " ^ ";
            put(out, "{}{}@{}", before, option.u32(at + step - 4),
                step == 8 ? host_text(option.from(at).first(4), names) : std::string{});
            before = " ";
        }
    } else {
        put(out, "[bad ts type {}]", mode);
    }
    if (pointer == at)
        out += " ^ ";
    if (option.u8(3) >> 4)
        put(out, " [{} hops not recorded]}} ", option.u8(3) >> 4);
    else
        out += '}';
}

void append_value(std::string &out, Bytes option, const Names *names)
{
    switch (option.u8(0)) {
    case record_route:
    case loose_route:
    case strict_route:
        append_route(out, option, names);
        break;
    case timestamp:
        append_timestamps(out, option, names);
        break;
    case router_alert:
        if (option.size() < 4)
            put(out, " [bad length {}]", option.size());
        else if (option.u16(2) != 0)
            put(out, " value {}", option.u16(2));
        break;
    default:
        break;
    }
}

} // namespace

bool append_ip_options(std::string &out, Bytes options, std::uint32_t length, const Names *names)
{
    const char *separator = "";

    for (std::size_t at = 0; at < length;) {
        const Bytes rest = options.from(at);
        out += separator;
        separator = ",";
        if (!rest.has(1))
            return false;
        const std::uint8_t kind = rest.u8(0);
        const bool bare = kind == end_of_list || kind == no_operation;
        if (const std::string_view name = name_of(kind); !name.empty())
            out += name;
        else
            put(out, "unknown {}", kind);
        if (!bare && !rest.has(2))
            return false;
        const std::size_t size = bare ? 1 : rest.u8(1);
        if ((!bare && size < 2) || at + size > length) {
            put(out, " [bad length {}]", size);
            return true;
        }
        if (!rest.has(size))
            return false;
        if (kind == end_of_list)
            return true;
        append_value(out, rest.first(size), names);
        at += size;
    }
    return true;
}

Bytes final_destination(Bytes packet, std::uint32_t header)
{
    const Bytes options = packet.first(header).from(20);

    for (std::size_t at = 0; at < options.size();) {
        const std::uint8_t kind = options.u8(at);
        const std::size_t size = kind == no_operation ? 1 : options.u8(at + 1);
        if (kind == end_of_list || size == 0 || (kind != no_operation && size < 2) ||
            at + size > options.size())
            break;
        if ((kind == loose_route || kind == strict_route) && size >= 7)
            return options.from(at + size - 4).first(4);
        at += size;
    }
    return packet.from(16).first(4);
}

} // namespace tcptrace
