// SPDX-License-Identifier: Apache-2.0
#include "render/dns_edns.h"

#include "render/dns_name.h"
#include "render/dns_words.h"
#include "render/ip_line.h"
#include "render/text.h"

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

enum EdnsOption : std::uint16_t {
    edns_algorithms = 5, // RFC 6975, and the two that follow
    edns_ds_hashes = 6,
    edns_nsec3_hashes = 7,
    edns_client_subnet = 8, // RFC 7871
    edns_expire = 9,        // RFC 7314
    edns_cookie = 10,       // RFC 7873
    edns_keep_alive = 11,   // RFC 7828
    edns_padding = 12,      // RFC 7830
    edns_chain = 13,        // RFC 7901
    edns_key_tag = 14,      // RFC 8145
};

constexpr std::string_view invalid = " (invalid)";

// "192.0.2.0/24/0": as many bytes of the address as its prefix needs.
void append_client_subnet(std::string &out, Bytes data)
{
    const std::uint16_t family = data.u16(0); // 1: IPv4, 2: IPv6
    const std::size_t source = data.u8(2);
    const std::size_t scope = data.u8(3);
    const Bytes prefix = data.from(4);
    const std::size_t size = family == 1 ? 4 : 16;
    std::array<std::uint8_t, 16> address{};

    if (!data.has(4) || (family != 1 && family != 2) || source > size * 8 || scope > size * 8 ||
        prefix.size() != (source + 7) / 8) {
        out += invalid;
        return;
    }
    std::ranges::copy(prefix.span(), address.begin());
    put(out, "{}/{}/{}", address_text(Bytes(address).first(size)), source, scope);
}

// The client's eight bytes, and the server's.
void append_cookie(std::string &out, Bytes data)
{
    constexpr std::size_t client = 8;

    if (data.size() < client || (data.size() > client && data.size() < 16) || data.size() > 40) {
        out += invalid;
        return;
    }
    append_hex(out, data.first(client).span());
    if (data.size() > client)
        out += ' ';
    append_hex(out, data.from(client).span());
}

void append_key_tags(std::string &out, Bytes data)
{
    if (data.size() % 2 != 0) {
        out += invalid;
        return;
    }
    for (std::size_t at = 0; at < data.size(); at += 2)
        put(out, "{}{}", at > 0 ? " " : "", data.u16(at));
}

void append_list(std::string &out, Bytes data, void (*append)(std::string &, std::uint8_t))
{
    for (std::size_t at = 0; at < data.size(); at++) {
        if (at > 0)
            out += ' ';
        append(out, data.u8(at));
    }
}

void append_data(std::string &out, std::uint16_t code, Bytes message, std::size_t at,
                 std::size_t length)
{
    const Bytes data = message.from(at).first(length);

    switch (code) {
    case edns_client_subnet:
        append_client_subnet(out, data);
        break;
    case edns_cookie:
        append_cookie(out, data);
        break;
    case edns_keep_alive: // in tenths of a second
        if (length == 2)
            put(out, "{}.{} sec", data.u16(0) / 10, data.u16(0) % 10);
        else
            out += invalid;
        break;
    case edns_expire:
        if (length == 4)
            put(out, "{} sec", data.u32(0));
        else
            out += invalid;
        break;
    case edns_padding:
        put(out, "({})", length);
        break;
    case edns_key_tag:
        append_key_tags(out, data);
        break;
    case edns_algorithms:
        append_list(out, data, append_dnssec_algorithm);
        break;
    case edns_ds_hashes:
        append_list(out, data, append_ds_hash);
        break;
    case edns_nsec3_hashes:
        append_list(out, data, append_nsec3_hash);
        break;
    case edns_chain: // a name that is cut is told as far as it goes
        append_dns_name(out, message, at);
        break;
    default:
        append_hex(out, data.span());
    }
}

} // namespace

DnsPosition append_edns_option(std::string &out, Bytes message, std::size_t at)
{
    const std::uint16_t code = message.u16(at);
    const std::size_t length = message.u16(at + 2);
    const std::size_t data = at + 4;

    if (!message.has(at + 2))
        return std::nullopt;
    append_edns_option_name(out, code);
    if (!message.has(data) || !message.has(data + length))
        return std::nullopt;
    if (length > 0) {
        out += ' ';
        append_data(out, code, message, data, length);
    }
    return data + length;
}

} // namespace tcptrace
