// SPDX-License-Identifier: Apache-2.0
#include "support/frames.h"

#include <tcptrace/read_segment.h>

#include <arpa/inet.h>

#include <algorithm>

namespace tcptrace::test {

namespace {

constexpr std::size_t checksum_at_tcp = 16;
constexpr std::size_t checksum_at_icmp = 2;

void put16(ByteVector &bytes, std::uint32_t value)
{
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

void put32(ByteVector &bytes, std::uint32_t value)
{
    put16(bytes, value >> 16);
    put16(bytes, value);
}

void put_all(ByteVector &bytes, const ByteVector &more)
{
    bytes.insert(bytes.end(), more.begin(), more.end());
}

ByteVector address_bytes(std::string_view text)
{
    const Address value = address(text);
    const std::size_t skip = value.family == TT_IPV4 ? 12 : 0;
    return {value.raw.bytes + skip, value.raw.bytes + 16};
}

void fill_checksum(ByteVector &bytes, std::size_t at, ByteVector covered_before = {})
{
    std::uint32_t sum = 0;

    put_all(covered_before, bytes);
    covered_before.push_back(0);
    for (std::size_t i = 0; i + 1 < covered_before.size(); i += 2)
        sum += static_cast<std::uint32_t>(covered_before[i] << 8 | covered_before[i + 1]);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    bytes[at] = static_cast<std::uint8_t>(~sum >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(~sum);
}

ByteVector pseudo_header(std::string_view source, std::string_view destination,
                         std::uint32_t protocol, std::size_t length)
{
    ByteVector bytes = address_bytes(source);
    put_all(bytes, address_bytes(destination));
    put32(bytes, protocol);
    put32(bytes, static_cast<std::uint32_t>(length));
    return bytes;
}

} // namespace

Address address(std::string_view text)
{
    const std::string zero_ended(text);
    Address value;
    ByteVector bytes(16);

    value.family = text.find(':') == std::string_view::npos ? TT_IPV4 : TT_IPV6;
    inet_pton(value.family == TT_IPV4 ? AF_INET : AF_INET6, zero_ended.c_str(), bytes.data());
    tt_copy_address(&value.raw, bytes.data(), value.family);
    return value;
}

ByteVector ip_packet(std::string_view source, std::string_view destination, std::uint8_t protocol,
                     const ByteVector &payload, const ByteVector &options)
{
    const bool v4 = address(source).family == TT_IPV4;
    const std::size_t header = 20 + options.size();
    ByteVector bytes;

    if (v4) {
        bytes.push_back(static_cast<std::uint8_t>(0x40 | header / 4));
        bytes.push_back(0);
        put16(bytes, static_cast<std::uint32_t>(header + payload.size()));
        put32(bytes, 0x00010000); // id 1, no fragment
        put32(bytes, 0x40000000U | static_cast<std::uint32_t>(protocol) << 16);
    } else {
        put32(bytes, 0x60000000);
        put16(bytes, static_cast<std::uint32_t>(payload.size()));
        put16(bytes, static_cast<std::uint32_t>(protocol << 8 | 64));
    }
    put_all(bytes, address_bytes(source));
    put_all(bytes, address_bytes(destination));
    if (v4) {
        put_all(bytes, options);
        fill_checksum(bytes, 10);
    }
    put_all(bytes, payload);
    return bytes;
}

ByteVector tcp_packet(const TcpFrame &frame)
{
    ByteVector options = frame.options;
    ByteVector tcp;

    options.resize((options.size() + 3) / 4 * 4);
    put16(tcp, frame.source_port);
    put16(tcp, frame.destination_port);
    put32(tcp, frame.sequence);
    put32(tcp, frame.acknowledgment);
    tcp.push_back(static_cast<std::uint8_t>((20 + options.size()) / 4 << 4));
    tcp.push_back(frame.flags);
    put16(tcp, frame.window);
    put16(tcp, 0);
    put16(tcp, frame.urgent);
    put_all(tcp, options);
    tcp.insert(tcp.end(), frame.payload.begin(), frame.payload.end());
    fill_checksum(tcp, checksum_at_tcp,
                  pseudo_header(frame.source, frame.destination, TT_PROTOCOL_TCP, tcp.size()));
    return ip_packet(frame.source, frame.destination, TT_PROTOCOL_TCP, tcp);
}

ByteVector icmp_packet(std::string_view source, std::string_view destination, std::uint8_t type,
                       std::uint8_t code, std::uint32_t rest, const ByteVector &quoted)
{
    const bool v4 = address(source).family == TT_IPV4;
    const std::uint8_t protocol = v4 ? TT_PROTOCOL_ICMP : TT_PROTOCOL_ICMPV6;
    ByteVector icmp{type, code, 0, 0};

    put32(icmp, rest);
    put_all(icmp, quoted);
    fill_checksum(icmp, checksum_at_icmp,
                  v4 ? ByteVector{} : pseudo_header(source, destination, protocol, icmp.size()));
    return ip_packet(source, destination, protocol, icmp);
}

PacketView view_of(const ByteVector &packet, std::uint32_t wire_length)
{
    const std::uint8_t *end = packet.data() + packet.size();
    const auto length = wire_length ? wire_length : static_cast<std::uint32_t>(packet.size());
    tt_headers headers{};
    tt_packet parsed{};

    PacketView view;
    if (tt_find_headers(packet.data(), end, length, TT_LINK_RAW, &headers) == TT_PARSED &&
        tt_read_packet(&headers, end, &parsed) == TT_PARSED) {
        const std::uint8_t family = parsed.segment.family;
        view.source = {{parsed.ends.source, family}, parsed.ends.source_port};
        view.destination = {{parsed.ends.destination, family}, parsed.ends.destination_port};
        view.segment = parsed.segment;
    }
    view.wire_length = length;
    view.link = TT_LINK_RAW;
    view.bytes = packet;
    return view;
}

} // namespace tcptrace::test
