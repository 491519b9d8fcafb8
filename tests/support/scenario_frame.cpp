// SPDX-License-Identifier: Apache-2.0
#include "support/scenario_frame.h"

#include <tcptrace/read_segment.h>

#include <fstream>

namespace tcptrace::test {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t hop_limit = 64;
constexpr std::uint32_t linktype_ethernet = 1;
constexpr std::uint32_t linktype_sll2 = 276;
constexpr std::uint32_t epoch = 1'700'000'000; // of the scenario's time 0

enum class Host : std::uint8_t { Client = 1, Server = 2, Router = 254 };

void append16(Bytes &bytes, std::uint32_t value)
{
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

void append32(Bytes &bytes, std::uint32_t value)
{
    append16(bytes, value >> 16);
    append16(bytes, value & 0xffff);
}

void append(Bytes &bytes, const Bytes &more)
{
    bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_address(Bytes &bytes, bool ipv6, Host host) // 10.0.0.HOST, fd00::HOST
{
    const auto last = static_cast<std::uint8_t>(host);
    if (ipv6)
        append(bytes, {0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last});
    else
        append(bytes, {10, 0, 0, last});
}

Bytes tcp(const Step &step, bool from_client)
{
    const bool offers = step.scale != TT_SCALE_ABSENT;
    Bytes bytes;
    append16(bytes, from_client ? client_port : server_port);
    append16(bytes, from_client ? server_port : client_port);
    append32(bytes, step.sequence);
    append32(bytes, step.acknowledgment);
    bytes.push_back(offers ? 6U << 4 : 5U << 4);
    bytes.push_back(step.flags);
    append16(bytes, step.window);
    append32(bytes, 0); // checksum, urgent pointer
    if (offers)
        append(bytes, {TT_OPTION_NOP, TT_OPTION_SCALE, 3, step.scale});
    bytes.resize(bytes.size() + step.length, 'x');
    return bytes;
}

Bytes ip(bool ipv6, Host from, Host to, std::uint8_t protocol, const Bytes &payload)
{
    Bytes bytes;
    if (ipv6) {
        append32(bytes, 6U << 28);
        append16(bytes, static_cast<std::uint32_t>(payload.size()));
        append(bytes, {protocol, hop_limit});
    } else {
        append(bytes, {0x45, 0});
        append16(bytes, static_cast<std::uint32_t>(20 + payload.size()));
        append32(bytes, 0); // identification, fragment offset
        append(bytes, {hop_limit, protocol, 0, 0});
    }
    append_address(bytes, ipv6, from);
    append_address(bytes, ipv6, to);
    append(bytes, payload);
    return bytes;
}

// From the router, about a segment that the answered end sent.
Bytes icmp_error(bool ipv6, const Step &step)
{
    const Host answered = step.from_client ? Host::Server : Host::Client;
    const Host other = step.from_client ? Host::Client : Host::Server;
    Step quoted;
    quoted.flags = TT_SYN;
    quoted.sequence = step.sequence;

    Bytes bytes{step.icmp_type, step.icmp_code, 0, 0, 0, 0, 0, 0};
    append(bytes, ip(ipv6, answered, other, TT_PROTOCOL_TCP, tcp(quoted, !step.from_client)));
    return ip(ipv6, Host::Router, answered, ipv6 ? TT_PROTOCOL_ICMPV6 : TT_PROTOCOL_ICMP, bytes);
}

Bytes link_header(tt_link link, bool ipv6, const Step &step)
{
    const std::uint32_t ethertype = ipv6 ? TT_ETHERTYPE_IPV6 : TT_ETHERTYPE_IPV4;
    Bytes bytes;
    if (link == TT_LINK_SLL2) {
        append16(bytes, ethertype);
        append16(bytes, 0);
        append32(bytes, step.ifindex);
        append16(bytes, 1); // ARPHRD_ETHER
        append(bytes, {static_cast<std::uint8_t>(step.way == TT_OUT ? 4 : 0), 6});
        append(bytes, {2, 0, 0, 0, 0, 1, 0, 0});
    } else {
        append(bytes, {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1});
        append16(bytes, ethertype);
    }
    return bytes;
}

template <typename Value>
void put(std::ofstream &file, Value value)
{
    file.write(reinterpret_cast<const char *>(&value), sizeof(value));
}

} // namespace

tt_link link_of(const Scenario &scenario)
{
    return scenario.several_points ? TT_LINK_SLL2 : TT_LINK_ETHERNET;
}

Bytes frame_of(const Scenario &scenario, const Step &step, tt_link link)
{
    const Host from = step.from_client ? Host::Client : Host::Server;
    const Host to = step.from_client ? Host::Server : Host::Client;
    Bytes bytes = link_header(link, scenario.ipv6, step);

    append(bytes, step.kind == Step::Kind::IcmpError
                      ? icmp_error(scenario.ipv6, step)
                      : ip(scenario.ipv6, from, to, TT_PROTOCOL_TCP, tcp(step, step.from_client)));
    return bytes;
}

void write_capture(const Scenario &scenario, const std::filesystem::path &path)
{
    std::ofstream file(path, std::ios::binary);
    file.exceptions(std::ios::failbit | std::ios::badbit);
    put<std::uint32_t>(file, 0xa1b23c4d); // nanoseconds
    put<std::uint16_t>(file, 2);
    put<std::uint16_t>(file, 4);
    put<std::uint64_t>(file, 0);
    put<std::uint32_t>(file, 262144);
    put<std::uint32_t>(file, scenario.several_points ? linktype_sll2 : linktype_ethernet);
    for (const Step &step : scenario.steps) {
        if (step.kind == Step::Kind::Silence)
            continue;
        const Bytes frame = frame_of(scenario, step, link_of(scenario));
        put(file, static_cast<std::uint32_t>(epoch + step.time_ns / TT_NSEC_PER_SEC));
        put(file, static_cast<std::uint32_t>(step.time_ns % TT_NSEC_PER_SEC));
        put(file, static_cast<std::uint32_t>(frame.size()));
        put(file, static_cast<std::uint32_t>(frame.size()));
        file.write(reinterpret_cast<const char *>(frame.data()),
                   static_cast<std::streamsize>(frame.size()));
    }
}

} // namespace tcptrace::test
