// SPDX-License-Identifier: Apache-2.0
// Multicast listener discovery: RFC 2710 (version 1) and RFC 3810 (version 2).
#include "render/icmpv6_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <array>

namespace tcptrace {

namespace {

constexpr std::uint32_t message1_size = 24;
constexpr std::uint32_t query2_min = 28;
constexpr std::uint32_t record_header = 20;
constexpr std::uint32_t address_size = 16;

// RFC 3810 §5.1.3 and §5.1.9: large values have a mantissa and an exponent.
std::uint32_t delay_of(std::uint16_t code)
{
    return code < 0x8000
               ? code
               : static_cast<std::uint32_t>((code & 0x0fff) | 0x1000) << ((code >> 12 & 7) + 3);
}

std::uint32_t interval_of(std::uint8_t code)
{
    return code < 0x80 ? code
                       : static_cast<std::uint32_t>((code & 0x0f) | 0x10) << ((code >> 4 & 7) + 3);
}

void append_version1(std::string &out, Bytes icmp, const Names *names)
{
    if (icmp.has(message1_size))
        put(out, "max resp delay: {} addr: {}", icmp.u16(4),
            host_text(icmp.from(icmpv6_header).first(address_size), names));
}

LineEnd append_sources(std::string &out, Bytes sources, std::uint32_t count, const Names *names)
{
    out += " {";
    for (std::size_t i = 0; i < count; i++) {
        const Bytes source = sources.from(i * address_size).first(address_size);
        if (!source.has(address_size))
            return cut_short(out, "icmp6");
        put(out, " {}", host_text(source, names));
    }
    out += " }";
    return LineEnd::Whole;
}

void append_query_flags(std::string &out, Bytes icmp)
{
    if (icmp.u8(24) & 0x08)
        out += " sflag";
    if (icmp.u8(24) & 0x07)
        put(out, " robustness={}", icmp.u8(24) & 0x07);
    put(out, " qqi={}", interval_of(icmp.u8(25)));
}

LineEnd append_query2(std::string &out, Bytes icmp, std::uint32_t length,
                      const LineOptions &options)
{
    const std::uint32_t sources = icmp.u16(26);

    out += " v2";
    if (!icmp.has(query2_min))
        return cut_short(out, "icmp6");
    if (options.verbosity > 0)
        put(out, " [max resp delay={}]", delay_of(icmp.u16(4)));
    put(out, " [gaddr {}", host_text(icmp.from(icmpv6_header).first(address_size), options.names));
    if (options.verbosity > 0)
        append_query_flags(out, icmp);
    if (sources > 0) {
        if (length < query2_min + sources * address_size)
            out += " [invalid number of sources]";
        else if (options.verbosity <= 1)
            put(out, ", {} source(s)", sources);
        else if (append_sources(out, icmp.from(query2_min), sources, options.names) == LineEnd::Cut)
            return LineEnd::Cut;
    }
    out += ']';
    return LineEnd::Whole;
}

LineEnd append_record(std::string &out, Bytes record, std::uint32_t left,
                      const LineOptions &options)
{
    constexpr std::array<std::string_view, 7> kinds{"",      "is_in", "is_ex", "to_in",
                                                    "to_ex", "allow", "block"};
    const std::uint8_t kind = record.u8(0);
    const std::uint32_t sources = record.u16(2);

    if (!record.has(record_header))
        return cut_short(out, "icmp6");
    put(out, " [gaddr {}", host_text(record.from(4).first(address_size), options.names));
    if (kind > 0 && kind < kinds.size())
        put(out, " {}", kinds[kind]);
    else
        put(out, "  [v2-report-#{}]", kind);
    if (left < record_header + sources * address_size) {
        put(out, " [invalid number of sources {}]", sources);
        return LineEnd::Whole;
    }
    if (options.verbosity == 1)
        put(out, ", {} source(s)", sources);
    else if (append_sources(out, record.from(record_header), sources, options.names) ==
             LineEnd::Cut)
        return LineEnd::Cut;
    out += ']';
    return LineEnd::Whole;
}

LineEnd append_report2(std::string &out, Bytes icmp, std::uint32_t length,
                       const LineOptions &options)
{
    const std::uint32_t records = icmp.u16(6);

    if (length < icmpv6_header) {
        put(out, " [invalid len {}]", length);
        return LineEnd::Whole;
    }
    if (!icmp.has(icmpv6_header))
        return cut_short(out, "icmp6");
    put(out, ", {} group record(s)", records);
    if (options.verbosity == 0)
        return LineEnd::Whole;
    std::uint32_t at = icmpv6_header;
    for (std::uint32_t i = 0; i < records; i++) {
        if (length < at + record_header) {
            out += " [invalid number of groups]";
            break;
        }
        const Bytes record = icmp.from(at);
        if (append_record(out, record, length - at, options) == LineEnd::Cut)
            return LineEnd::Cut;
        const std::uint32_t size = record_header + record.u16(2) * address_size;
        if (length - at < size)
            break;
        at += size;
    }
    return LineEnd::Whole;
}

} // namespace

LineEnd append_icmpv6_multicast(std::string &out, Bytes icmp, std::uint32_t length,
                                const LineOptions &options)
{
    switch (Icmpv6Type{icmp.u8(0)}) {
    case Icmpv6Type::ListenerReport2:
        return append_report2(out, icmp, length, options);
    case Icmpv6Type::ListenerQuery:
        if (length >= query2_min)
            return append_query2(out, icmp, length, options);
        if (length != message1_size) {
            put(out, " unknown-version (len {}) ", length);
            return LineEnd::Whole;
        }
        [[fallthrough]];
    default:
        append_version1(out, icmp, options.names);
        return LineEnd::Whole;
    }
}

} // namespace tcptrace
