// SPDX-License-Identifier: Apache-2.0
#include "render/dns_record.h"

#include "render/dns_name.h"
#include "render/dns_record_data.h"
#include "render/dns_words.h"
#include "render/text.h"

#include <array>

namespace tcptrace {

namespace {

constexpr std::uint16_t class_in = 1;
// RFC 6762 §5.4 and §10.2: a question wants a unicast answer; an answer replaces what is known.
constexpr std::uint16_t multicast_bit = 0x8000;

std::uint16_t class_of(std::uint16_t field, const DnsStyle &style)
{
    return style.multicast ? static_cast<std::uint16_t>(field & ~multicast_bit) : field;
}

// "1h5m", as -vvv tells a TTL.
void append_time_to_live(std::string &out, std::uint32_t seconds)
{
    struct Unit {
        std::uint32_t seconds;
        char letter;
    };
    constexpr std::array units{Unit{31'536'000, 'y'}, Unit{604'800, 'w'}, Unit{86'400, 'd'},
                               Unit{3600, 'h'},       Unit{60, 'm'},      Unit{1, 's'}};

    if (seconds == 0)
        out += "0s";
    for (const Unit &unit : units) {
        if (seconds >= unit.seconds)
            put(out, "{}{}", seconds / unit.seconds, unit.letter);
        seconds %= unit.seconds;
    }
}

} // namespace

DnsPosition append_dns_question(std::string &out, Bytes message, std::size_t at,
                                const DnsStyle &style)
{
    const DnsPosition fields = skip_dns_name(message, at);
    if (!fields || !message.has(*fields + 4))
        return std::nullopt;
    const std::uint16_t field = message.u16(*fields + 2);

    out += ' ';
    append_dns_type(out, message.u16(*fields));
    if (class_of(field, style) != class_in) {
        out += ' ';
        append_dns_class(out, class_of(field, style));
    }
    if (style.multicast)
        out += (field & multicast_bit) ? " (QU)" : " (QM)";
    out += "? ";
    const DnsPosition end = append_dns_name(out, message, at);
    return end ? DnsPosition(*end + 4) : std::nullopt;
}

DnsPosition append_dns_record(std::string &out, Bytes message, std::size_t at,
                              const DnsStyle &style)
{
    constexpr std::size_t fixed = 10; // type, class, TTL, length
    DnsPosition name;

    if (style.verbosity > 0) {
        out += ' ';
        name = append_dns_name(out, message, at);
        if (!name)
            return std::nullopt;
    } else {
        name = skip_dns_name(message, at);
    }
    if (!name ||
        !message.has(*name + fixed)) // no word on this: the counts tell that some is missing
        return message.size();

    const std::uint16_t type = message.u16(*name);
    const std::uint16_t field = message.u16(*name + 2);
    const std::size_t data = *name + fixed;
    const std::size_t length = message.u16(data - 2);
    if (class_of(field, style) != class_in && type != dns_type_opt) {
        out += ' ';
        append_dns_class(out, class_of(field, style));
    }
    if (style.multicast && (field & multicast_bit))
        out += " (Cache flush)";
    if (style.verbosity > 2 && type != dns_type_opt) {
        out += " [";
        append_time_to_live(out, message.u32(*name + 4));
        out += ']';
    }
    out += ' ';
    append_dns_type(out, type);
    if (!message.has(data + length))
        return std::nullopt;
    const DnsRecordData record{.type = type,
                               .udp_size = class_of(field, style),
                               .extended_flags = message.u16(*name + 6),
                               .at = data,
                               .length = length};
    if (!append_dns_record_data(out, message, record, style.verbosity))
        return std::nullopt;
    return data + length;
}

} // namespace tcptrace
