// SPDX-License-Identifier: Apache-2.0
#include "render/dns_line.h"

#include "render/dns_message.h"
#include "render/dns_record.h"
#include "render/dns_words.h"
#include "render/text.h"

#include <string_view>

namespace tcptrace {

namespace {

constexpr unsigned opcode_inverse_query = 1; // RFC 1035, obsolete since RFC 3425
// What has no meaning in a query: the answer's flags, and the response code.
constexpr std::uint16_t odd_in_query = 0x06cf;

struct Section {
    std::uint16_t records;
    std::string_view label;
    bool looks = false; // for the first record, though the message is at its end
};

// False: cut, or fewer records than were promised.
bool append_section(std::string &out, Bytes message, DnsPosition &at, const Section &section,
                    const DnsStyle &style)
{
    for (unsigned i = 0; i < section.records; i++) {
        if (*at >= message.size() && !(i == 0 && section.looks))
            return false;
        out += i == 0 ? section.label : ",";
        at = append_dns_record(out, message, *at, style);
        if (!at)
            return false;
    }
    return true;
}

bool append_name_servers_and_additionals(std::string &out, Bytes message, DnsPosition &at,
                                         const DnsHeader &header, const DnsStyle &style)
{
    return append_section(out, message, at, {header.authorities, " ns:"}, style) &&
           append_section(out, message, at, {header.additionals, " ar:"}, style);
}

void append_count(std::string &out, unsigned count, unsigned usual, std::string_view unit)
{
    if (count != usual)
        put(out, " [{}{}]", count, unit);
}

bool append_response(std::string &out, Bytes message, const DnsHeader &header,
                     const DnsStyle &style)
{
    DnsPosition at = dns_header_size;

    put(out, "{}{}", header.id, dns_opcode_word(header.opcode()));
    append_dns_response_code(out, dns_response_code(message, header));
    put(out, "{}{}{}{}", header.authoritative() ? "*" : "", header.recursion_available() ? "" : "-",
        header.truncated() ? "|" : "", header.authentic_data() ? "$" : "");
    append_count(out, header.questions, 1, "q");
    for (unsigned i = 0; i < header.questions; i++) {
        if (i > 0)
            out += ',';
        if (style.verbosity > 1) {
            out += " q:";
            at = append_dns_question(out, message, *at, style);
        } else if ((at = skip_dns_name(message, *at))) {
            *at += 4; // type and class
        }
        if (!at)
            return false;
    }
    put(out, " {}/{}/{}", header.answers, header.authorities, header.additionals);
    return append_section(out, message, at, {header.answers, "", true}, style) &&
           (style.verbosity <= 1 ||
            append_name_servers_and_additionals(out, message, at, header, style));
}

void append_query_counts(std::string &out, const DnsHeader &header)
{
    if (header.opcode() == opcode_inverse_query) {
        append_count(out, header.questions, 0, "q");
        append_count(out, header.answers, 1, "a");
    } else {
        append_count(out, header.answers, 0, "a");
        append_count(out, header.questions, 1, "q");
    }
    append_count(out, header.authorities, 0, "n");
    append_count(out, header.additionals, 0, "au");
}

bool append_query(std::string &out, Bytes message, const DnsHeader &header, const DnsStyle &style)
{
    DnsPosition at = dns_header_size;

    put(out, "{}{}{}{}", header.id, dns_opcode_word(header.opcode()),
        header.recursion_desired() ? "+" : "", header.checking_disabled() ? "%" : "");
    if (header.flags & odd_in_query)
        put(out, " [b2&3=0x{:x}]", header.flags);
    append_query_counts(out, header);
    for (unsigned i = 0; i < header.questions; i++) {
        if (i > 0 && *at >= message.size())
            return false;
        at = append_dns_question(out, message, *at, style);
        if (!at)
            return false;
    }
    return style.verbosity <= 1 ||
           (append_section(out, message, at, {header.answers, "", true}, style) &&
            append_name_servers_and_additionals(out, message, at, header, style));
}

LineEnd append_message(std::string &out, Bytes message, std::uint32_t length, const DnsStyle &style)
{
    if (length < dns_header_size) {
        put(out, "domain [length {} < {}] (invalid)", length, dns_header_size);
        return LineEnd::Whole;
    }
    if (!message.has(dns_header_size))
        return cut_short(out, "domain");
    const DnsHeader header = read_dns_header(message);
    if (!(header.is_response() ? append_response(out, message, header, style)
                               : append_query(out, message, header, style)))
        return cut_short(out, "domain");
    put(out, " ({})", length);
    return LineEnd::Whole;
}

} // namespace

LineEnd append_dns(std::string &out, Bytes message, std::uint32_t length,
                   const LineContext &context)
{
    return append_message(out, message, length, {.verbosity = context.options.verbosity});
}

LineEnd append_mdns(std::string &out, Bytes message, std::uint32_t length,
                    const LineContext &context)
{
    return append_message(out, message, length,
                          {.verbosity = context.options.verbosity, .multicast = true});
}

LineEnd append_dns_over_tcp(std::string &out, Bytes payload, std::uint32_t length,
                            const LineContext &context)
{
    constexpr std::uint32_t prefix = 2;
    const std::uint16_t promised = payload.u16(0);

    if (length < prefix) {
        put(out, " [DNS over TCP: length {} < {}] (invalid)", length, prefix);
        return LineEnd::Whole;
    }
    if (!payload.has(prefix))
        return cut_short(out, "domain");
    if (promised != length - prefix) {
        put(out, " [prefix length({}) != length({})] (invalid)", promised, length - prefix);
        return LineEnd::Whole;
    }
    out += ' ';
    return append_message(out, payload.from(prefix), length - prefix,
                          {.verbosity = context.options.verbosity});
}

} // namespace tcptrace
