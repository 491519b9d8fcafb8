// SPDX-License-Identifier: Apache-2.0
// Node information queries (RFC 4620): who are you, and what are your addresses.
#include "render/icmpv6_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <array>

namespace tcptrace {

namespace {

constexpr std::size_t header = icmpv6_header + 8; // with the nonce
constexpr std::size_t who_are_you = 12;           // the query before there was a standard

enum class Question : std::uint16_t { Nothing = 0, Supported = 1, Name = 2, Addresses = 3 };

struct Letter {
    std::uint16_t flag;
    char letter;
};
// The last is of replies alone.
constexpr std::array letters{Letter{0x40, 'a'}, Letter{0x20, 'G'}, Letter{0x10, 'S'},
                             Letter{0x08, 'L'}, Letter{0x04, 'C'}, Letter{0x02, 'A'},
                             Letter{0x01, 'T'}};

void append_address_flags(std::string &out, std::uint16_t flags, bool reply)
{
    if (flags == 0)
        return;
    out += " [";
    for (const Letter &each : letters)
        if ((flags & each.flag) && (reply || each.letter != 'T'))
            out += each.letter;
    out += ']';
}

void append_supported(std::string &out, std::uint16_t flags)
{
    out += "supported qtypes";
    if (flags != 0)
        put(out, " [{}]", flags & 1 ? "C" : "");
}

// A name as DNS has it, uncompressed, or the older form: one length and the text.
void append_name(std::string &out, Bytes name, const LineOptions &options)
{
    if (name.u8(0) + std::size_t{1} == name.size()) {
        if (options.verbosity > 0)
            out += ", 03 draft";
        out += ", \"";
        append_safe(out, name.from(1).span());
        out += '"';
        return;
    }
    out += ", \"";
    while (name.has(1)) {
        const std::size_t size = name.u8(0);
        name = name.from(1);
        if (size == 0) {
            if (!name.has(1))
                out += '.';
            else if (name.size() != 1 || name.u8(0) != 0)
                out += "???";
            break;
        }
        if (!name.has(size)) {
            out += "???";
            break;
        }
        append_safe(out, name.first(size).span());
        name = name.from(size);
        if (name.has(2) && name.u8(0) != 0)
            out += '.';
    }
    out += '"';
}

LineEnd append_subject(std::string &out, Bytes icmp, const LineOptions &options)
{
    const Bytes subject = icmp.from(header);
    const std::uint8_t code = icmp.u8(1);
    const std::size_t address = code == 0 ? 16 : 4;

    if (code == 1) {
        out += ", subject=DNS name";
        append_name(out, subject, options);
    } else if (code > 2) {
        out += ", unknown subject";
    } else if (subject.size() == address) {
        put(out, ", subject={}", host_text(subject, options.names));
    } else if (subject.size() > address && options.verbosity > 0) {
        out += ", invalid subject len";
    }
    return LineEnd::Whole;
}

LineEnd append_query(std::string &out, Bytes icmp, const LineOptions &options)
{
    const Question question{icmp.u16(4)};

    if (icmp.size() == who_are_you) {
        out += " who-are-you request";
        return LineEnd::Whole;
    }
    out += " node information query";
    if (!icmp.has(header))
        return cut_short(out, "icmp6");
    out += " (";
    if (question == Question::Nothing) {
        out += "noop";
    } else if (question == Question::Supported) {
        append_supported(out, icmp.u16(6));
    } else if (question == Question::Name) {
        out += "DNS name";
    } else if (question == Question::Addresses) {
        out += "node addresses";
        append_address_flags(out, icmp.u16(6), false);
    } else {
        out += "unknown";
    }
    if (question == Question::Nothing || question == Question::Supported) {
        if (icmp.size() != header && options.verbosity > 0)
            out += ", invalid len";
    } else if (icmp.size() == header) {
        out += ", 03 draft";
    } else {
        append_subject(out, icmp, options);
    }
    out += ')';
    return LineEnd::Whole;
}

LineEnd append_answer(std::string &out, Bytes icmp, const LineOptions &options)
{
    constexpr std::size_t entry_size = 4 + 16; // time to live, address
    const Question question{icmp.u16(4)};

    if (question == Question::Nothing) {
        out += "noop";
        if (icmp.size() != header && options.verbosity > 0)
            out += ", invalid length";
    } else if (question == Question::Supported) {
        append_supported(out, icmp.u16(6));
    } else if (question == Question::Name) {
        const Bytes name = icmp.from(header + 4);
        out += "DNS name";
        if (!name.has(1))
            return cut_short(out, "icmp6");
        append_name(out, name, options);
        if (icmp.u16(6) & 1)
            put(out, " [TTL={}]", icmp.u32(header));
    } else if (question == Question::Addresses) {
        out += "node addresses";
        for (std::size_t at = header; at + entry_size <= icmp.size(); at += entry_size)
            put(out, " {}({})", host_text(icmp.from(at + 4).first(16), options.names),
                icmp.u32(at));
        append_address_flags(out, icmp.u16(6), true);
    } else {
        out += "unknown";
    }
    return LineEnd::Whole;
}

LineEnd append_reply(std::string &out, Bytes icmp, std::uint32_t length, const LineOptions &options)
{
    const std::uint8_t code = icmp.u8(1);

    if (!icmp.has(length) || !icmp.has(header))
        return cut_short(out, "icmp6");
    out += " node information reply (";
    if (code == 0) {
        if (options.verbosity > 0)
            out += "success, ";
        if (append_answer(out, icmp, options) == LineEnd::Cut)
            return LineEnd::Cut;
    } else if (code <= 2) {
        out += code == 1 ? "refused" : "unknown";
        if (icmp.size() != header && options.verbosity > 0)
            out += ", invalid length";
    }
    out += ')';
    return LineEnd::Whole;
}

} // namespace

LineEnd append_icmpv6_node(std::string &out, Bytes icmp, std::uint32_t length,
                           const LineOptions &options)
{
    return Icmpv6Type{icmp.u8(0)} == Icmpv6Type::NodeQuery
               ? append_query(out, icmp, options)
               : append_reply(out, icmp, length, options);
}

} // namespace tcptrace
