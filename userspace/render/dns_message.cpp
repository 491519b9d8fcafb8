// SPDX-License-Identifier: Apache-2.0
#include "render/dns_message.h"

namespace tcptrace {

namespace {

// Behind type and class of the question at `at`.
DnsPosition skip_question(Bytes message, std::size_t at)
{
    const DnsPosition name = skip_dns_name(message, at);
    if (!name || *name + 4 >= message.size())
        return std::nullopt;
    return *name + 4;
}

// Behind the record whose name ends at `at`.
DnsPosition skip_record_body(Bytes message, std::size_t at)
{
    constexpr std::size_t fixed = 10; // type, class, TTL, length

    if (!message.has(at + fixed))
        return std::nullopt;
    const std::size_t end = at + fixed + message.u16(at + fixed - 2);
    return end < message.size() ? DnsPosition(end) : std::nullopt;
}

// Where the additional records begin.
DnsPosition find_additionals(Bytes message, const DnsHeader &header)
{
    DnsPosition at = dns_header_size;

    for (unsigned i = 0; i < header.questions && at; i++)
        at = skip_question(message, *at);
    for (unsigned i = 0; i < unsigned{header.answers} + header.authorities && at; i++) {
        at = skip_dns_name(message, *at);
        if (at)
            at = skip_record_body(message, *at);
    }
    return at;
}

} // namespace

DnsHeader read_dns_header(Bytes message)
{
    return {.id = message.u16(0),
            .flags = message.u16(2),
            .questions = message.u16(4),
            .answers = message.u16(6),
            .authorities = message.u16(8),
            .additionals = message.u16(10)};
}

DnsPosition skip_dns_name(Bytes message, std::size_t at)
{
    while (message.has(at + 1)) {
        const std::uint8_t first = message.u8(at++);
        if (first == 0)
            return at;
        switch (dns_label(first)) {
        case DnsLabel::Pointer:
            return at + 1;
        case DnsLabel::Reserved:
            return std::nullopt;
        case DnsLabel::Text:
            at += first;
            break;
        case DnsLabel::Extended:
            if (first != dns_bit_string || !message.has(at + 1))
                return std::nullopt;
            at += 1 + (dns_bit_count(message.u8(at)) + 7) / 8;
            break;
        }
    }
    return std::nullopt;
}

unsigned dns_response_code(Bytes message, const DnsHeader &header)
{
    const unsigned lower = header.flags & 15;
    DnsPosition at = find_additionals(message, header);

    for (unsigned i = 0; i < header.additionals && at; i++) {
        at = skip_dns_name(message, *at);
        if (!at || !message.has(*at + 5))
            break;
        if (message.u16(*at) == dns_type_opt)
            return lower | static_cast<unsigned>(message.u8(*at + 4) << 4);
        at = skip_record_body(message, *at);
    }
    return lower;
}

} // namespace tcptrace
