// SPDX-License-Identifier: Apache-2.0
#include "support/scenario_frame.h"

#include "support/frames.h"

#include <tcptrace/read_segment.h>

#include <fstream>

namespace tcptrace::test {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t linktype_ethernet = 1;
constexpr std::uint32_t linktype_sll2 = 276;
constexpr std::uint32_t epoch = 1'700'000'000; // of the scenario's time 0

std::string client(bool ipv6)
{
    return ipv6 ? "fd00::1" : "10.0.0.1";
}

std::string server(bool ipv6)
{
    return ipv6 ? "fd00::2" : "10.0.0.2";
}

std::string router(bool ipv6)
{
    return ipv6 ? "fd00::fe" : "10.0.0.254";
}

Bytes tcp(const Scenario &scenario, const Step &step)
{
    const bool mine = step.from_client;
    TcpFrame frame{.source = mine ? client(scenario.ipv6) : server(scenario.ipv6),
                   .destination = mine ? server(scenario.ipv6) : client(scenario.ipv6),
                   .source_port = mine ? client_port : server_port,
                   .destination_port = mine ? server_port : client_port,
                   .flags = step.flags,
                   .sequence = step.sequence,
                   .acknowledgment = step.acknowledgment,
                   .window = step.window,
                   .payload = std::string(step.length, 'x')};
    if (step.scale != TT_SCALE_ABSENT)
        frame.options = {TT_OPTION_NOP, TT_OPTION_SCALE, 3, step.scale};
    return tcp_packet(frame);
}

// From the router, about a SYN that the answered end sent.
Bytes icmp_error(const Scenario &scenario, const Step &step)
{
    Step quoted;
    quoted.from_client = !step.from_client;
    quoted.flags = TT_SYN;
    quoted.sequence = step.sequence;
    return icmp_packet(router(scenario.ipv6),
                       quoted.from_client ? client(scenario.ipv6) : server(scenario.ipv6),
                       step.icmp_type, step.icmp_code, 0, tcp(scenario, quoted));
}

Bytes link_header(tt_link link, bool ipv6, const Step &step)
{
    const std::uint8_t high = ipv6 ? TT_ETHERTYPE_IPV6 >> 8 : TT_ETHERTYPE_IPV4 >> 8;
    const std::uint8_t low = ipv6 ? TT_ETHERTYPE_IPV6 & 0xff : TT_ETHERTYPE_IPV4 & 0xff;
    const std::uint8_t packet_type = step.way == TT_OUT ? 4 : 0;
    const auto ifindex = static_cast<std::uint8_t>(step.ifindex);

    if (link == TT_LINK_SLL2)
        return {high, low, 0, 0, 0, 0, 0, ifindex, 0, 1, packet_type, 6, 2, 0, 0, 0, 0, 1, 0, 0};
    return {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, high, low};
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
    Bytes bytes = link_header(link, scenario.ipv6, step);
    const Bytes packet =
        step.kind == Step::Kind::IcmpError ? icmp_error(scenario, step) : tcp(scenario, step);
    bytes.insert(bytes.end(), packet.begin(), packet.end());
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
