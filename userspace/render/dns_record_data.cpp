// SPDX-License-Identifier: Apache-2.0
#include "render/dns_record_data.h"

#include "render/dns_edns.h"
#include "render/dns_name.h"
#include "render/ip_line.h"
#include "render/text.h"

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

enum RecordType : std::uint16_t {
    type_a = 1,
    type_ns = 2,
    type_cname = 5,
    type_soa = 6,
    type_ptr = 12,
    type_mx = 15,
    type_txt = 16,
    type_aaaa = 28,
    type_srv = 33,
    type_a6 = 38,
    type_dname = 39,
    type_unspeca = 104,
    type_tsig = 250,
    type_uri = 256,
};

constexpr std::uint16_t dnssec_ok = 0x8000; // RFC 3225

// tcpdump does not look whether the data is as long as its type needs, only whether what it
// prints was captured; so names and numbers may lie behind `length`.

bool append_address(std::string &out, Bytes message, std::size_t at, std::size_t size)
{
    if (!message.has(at + size))
        return false;
    put(out, " {}", address_text(message.from(at).first(size)));
    return true;
}

bool append_name(std::string &out, Bytes message, std::size_t at)
{
    out += ' ';
    return append_dns_name(out, message, at).has_value();
}

bool append_start_of_authority(std::string &out, Bytes message, std::size_t at)
{
    constexpr std::size_t numbers = 5; // serial, refresh, retry, expire, minimum
    DnsPosition position = at;

    for (int name = 0; name < 2; name++) { // server and mailbox
        out += ' ';
        position = append_dns_name(out, message, *position);
        if (!position)
            return false;
    }
    if (!message.has(*position + numbers * 4))
        return false;
    for (std::size_t i = 0; i < numbers; i++)
        put(out, " {}", message.u32(*position + i * 4));
    return true;
}

bool append_mail_exchange(std::string &out, Bytes message, std::size_t at)
{
    if (!append_name(out, message, at + 2))
        return false;
    put(out, " {}", message.u16(at));
    return true;
}

bool append_service(std::string &out, Bytes message, std::size_t at)
{
    if (!append_name(out, message, at + 6))
        return false;
    put(out, ":{} {} {}", message.u16(at + 4), message.u16(at), message.u16(at + 2));
    return true;
}

bool append_texts(std::string &out, Bytes message, const DnsRecordData &record)
{
    const std::size_t end = record.at + record.length;

    for (std::size_t at = record.at; at < end;) {
        const std::size_t length = message.u8(at);
        out += " \"";
        if (!append_dns_text(out, message, at + 1, length))
            return false;
        out += '"';
        at += 1 + length;
    }
    return true;
}

// RFC 2874: the end of an address, and the name that has its beginning.
bool append_a6(std::string &out, Bytes message, std::size_t at)
{
    const std::size_t prefix = message.u8(at); // bits left out
    const std::size_t whole = prefix / 8;
    const std::size_t held = 16 - std::min<std::size_t>(whole, 16);
    std::array<std::uint8_t, 16> address{};

    if (!message.has(at + 1))
        return false;
    if (prefix > 128) {
        put(out, " {}(bad plen)", prefix);
        return true;
    }
    if (prefix < 128) {
        if (!message.has(at + 1 + held))
            return false;
        std::ranges::copy(message.from(at + 1).first(held).span(),
                          address.begin() + static_cast<std::ptrdiff_t>(whole));
        put(out, " {} {}", prefix, address_text(Bytes(address)));
    }
    return prefix == 0 || append_name(out, message, at + 1 + held);
}

// RFC 7553
bool append_uri(std::string &out, Bytes message, const DnsRecordData &record)
{
    constexpr std::size_t numbers = 4; // priority, weight

    if (!message.has(record.at + numbers))
        return false;
    put(out, " {} {} ", message.u16(record.at), message.u16(record.at + 2));
    if (record.length < numbers) { // tcpdump then prints all that follows
        const std::size_t at = record.at + numbers;
        append_dns_text(out, message, at, message.from(at).size());
        return false;
    }
    return append_dns_text(out, message, record.at + numbers, record.length - numbers);
}

bool append_opt(std::string &out, Bytes message, const DnsRecordData &record)
{
    const std::size_t end = record.at + record.length;

    put(out, " UDPsize={}", record.udp_size);
    if (record.extended_flags & dnssec_ok)
        out += " DO";
    if (record.length == 0)
        return true;
    out += " [";
    for (DnsPosition at = record.at; *at < end;) {
        at = append_edns_option(out, message, *at);
        if (!at)
            return false;
        if (*at < end)
            out += ',';
    }
    out += ']';
    return true;
}

// RFC 8945
bool append_transaction_signature(std::string &out, Bytes message, std::size_t at)
{
    constexpr std::size_t time = 6;

    out += ' ';
    DnsPosition name = append_dns_name(out, message, at);
    if (!name)
        return false;
    std::size_t position = *name + time;
    const auto number = [&](std::string_view label) {
        if (!message.has(position + 2))
            return false;
        put(out, " {}={}", label, message.u16(position));
        position += 2;
        return true;
    };

    if (!number("fudge") || !number("maclen"))
        return false;
    position += message.u16(position - 2);
    return number("origid") && number("error") && number("otherlen");
}

} // namespace

bool append_dns_record_data(std::string &out, Bytes message, const DnsRecordData &record,
                            int verbosity)
{
    switch (record.type) {
    case type_a:
        return append_address(out, message, record.at, 4);
    case type_aaaa:
        return append_address(out, message, record.at, 16);
    case type_ns:
    case type_cname:
    case type_ptr:
    case type_dname:
        return append_name(out, message, record.at);
    case type_soa:
        return verbosity == 0 || append_start_of_authority(out, message, record.at);
    case type_mx:
        return append_mail_exchange(out, message, record.at);
    case type_txt:
        return append_texts(out, message, record);
    case type_srv:
        return append_service(out, message, record.at);
    case type_a6:
        return append_a6(out, message, record.at);
    case type_uri:
        return append_uri(out, message, record);
    case dns_type_opt:
        return append_opt(out, message, record);
    case type_unspeca:
        return append_dns_text(out, message, record.at, record.length);
    case type_tsig:
        return verbosity == 0 || append_transaction_signature(out, message, record.at);
    default:
        return true;
    }
}

} // namespace tcptrace
