// SPDX-License-Identifier: Apache-2.0
#include "app/advice.h"

#include "filter/direction.h"

#include <tcptrace/tunnel.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::uint32_t flood_per_second = 1000; // lines that nobody reads
constexpr std::uint16_t port_vxlan_linux = 8472; // the kernel's default before IANA's

bool shows_text(Dump dump)
{
    return dump == Dump::Ascii || dump == Dump::AsciiLink || dump == Dump::HexAscii ||
           dump == Dump::HexAsciiLink;
}

bool has_end(const Options &options)
{
    return options.count || options.duration || options.write.file_bytes != 0 ||
           options.write.file_time || options.write.on_anomaly;
}

// A TLS record (RFC 8446 §5.1): content type, version 3.x, at most 2^14 + 2048 bytes (of
// TLS 1.2) of content.
bool begins_as_tls(std::span<const std::uint8_t> payload)
{
    constexpr std::uint16_t content_max = (1U << 14) + 2048;
    if (payload.size() < 5)
        return false;
    const std::uint16_t length = tt_load16(payload.data() + 3);
    return payload[0] >= 20 && payload[0] <= 23 && payload[1] == 3 && payload[2] <= 4 &&
           length > 0 && length <= content_max;
}

std::span<const std::uint8_t> payload_of(const PacketView &packet)
{
    const tt_segment &segment = packet.segment;
    const std::size_t begin = std::size_t{segment.transport_offset} + segment.header_length;

    if (segment.kind != TT_KIND_TCP || segment.length == 0 || begin >= packet.bytes.size())
        return {};
    const std::size_t there = packet.bytes.size() - begin;
    return packet.bytes.subspan(begin, std::min<std::size_t>(there, segment.length));
}

// What carries other packets here; empty: nothing does.
std::string_view tunnel_of(const PacketView &packet)
{
    const std::uint8_t *begin = packet.bytes.data();
    const std::uint8_t *end = begin + packet.bytes.size();
    tt_headers headers{};

    if (packet.bytes.empty() ||
        tt_find_headers(begin, end, packet.wire_length, packet.link, &headers) != TT_PARSED)
        return {};
    if (headers.protocol == TT_PROTOCOL_GRE)
        return "GRE";
    if (headers.protocol == TT_PROTOCOL_IPV4 || headers.protocol == TT_PROTOCOL_IPV6)
        return "IP in IP";
    if (headers.protocol != TT_PROTOCOL_UDP || begin + headers.transport_offset + 8 > end)
        return {};
    const std::uint16_t port = tt_load16(begin + headers.transport_offset + 2);
    return port == TT_PORT_VXLAN || port == port_vxlan_linux ? "VXLAN"
           : port == TT_PORT_GENEVE                          ? "Geneve"
                                                             : "";
}

std::string endless_file(const WriteOptions &write)
{
    const std::string until = write.min_free_percent != 0
                                  ? fmt::format("{} % of the disk are left", write.min_free_percent)
                                  : std::string("the disk is full");
    return fmt::format("-w {} has no limit and grows until {}; -c COUNT, --for TIME, or -C SIZE "
                       "with -W FILES set one",
                       write.file, until);
}

std::string tls_words(const PacketView &packet, bool live)
{
    return fmt::format("port {} carries TLS: its text cannot be read here; {}Wireshark reads it "
                       "with the session's keys",
                       std::min(packet.source.port, packet.destination.port),
                       live ? "written with -w FILE, " : "");
}

std::string tunnel_words(std::string_view tunnel, const PacketView &packet, bool live)
{
    return fmt::format("{}{} carries other packets: --inner makes the filter look at these{}",
                       tunnel,
                       packet.interface.empty() ? "" : fmt::format(" on {}", packet.interface),
                       live ? ", --pid PID watches from inside a pod" : "");
}

} // namespace

Advice::Advice(const Options &options, bool terminal, std::function<bool()> names_lag)
    : options_(options), live_(!options.read_from_file()),
      watches_rate_(live_ && terminal && options.packets && !options.json &&
                    options.filter.empty()),
      watches_payload_(options.packets && !options.json && shows_text(options.line.dump)),
      watches_tunnels_(!options.inner && (live_ || !options.filter.empty())),
      names_lag_(std::move(names_lag))
{
}

std::vector<std::string> Advice::at_start() const
{
    const std::string &file = options_.write.file;
    const bool to_file = !file.empty() && file != "-";
    std::vector<std::string> said;

    if (live_ && to_file && !has_end(options_))
        said.push_back(endless_file(options_.write));
    // Of a file, diagnoses know both directions whatever the filter says.
    const bool loses = live_ || options_.packets || to_file;
    if (loses && !options_.filter.empty() && takes_one_direction(options_.filter))
        said.push_back("the filter takes one direction only, no answers: host and port without "
                       "src or dst take both");
    return said;
}

std::vector<std::string> Advice::about(const PacketView &packet)
{
    std::vector<std::string> said;

    if (watches_rate_ && is_flood(packet.time_ns)) {
        watches_rate_ = false;
        said.push_back(fmt::format("more than {} packets a second go to this terminal: a filter "
                                   "(host 10.0.0.1 and port 80), -c COUNT or -w FILE helps",
                                   flood_per_second));
    }
    if (watches_payload_ && begins_as_tls(payload_of(packet))) {
        watches_payload_ = false;
        said.push_back(tls_words(packet, live_));
    }
    if (watches_tunnels_) {
        if (const std::string_view tunnel = tunnel_of(packet); !tunnel.empty()) {
            watches_tunnels_ = false;
            said.push_back(tunnel_words(tunnel, packet, live_));
        }
    }
    return said;
}

std::vector<std::string> Advice::about_names()
{
    if (!names_lag_ || !names_lag_())
        return {};
    names_lag_ = nullptr;
    if (live_)
        return {"--resolve on a busy interface: look-ups pile up, and lines show numbers until "
                "they are answered; without --resolve nothing is looked up"};
    return {"--resolve: nobody answers the look-ups, so lines show numbers; without --resolve "
            "nothing is looked up"};
}

bool Advice::is_flood(std::uint64_t time_ns)
{
    const std::uint64_t second = time_ns / TT_NSEC_PER_SEC;

    if (second != second_)
        packets_in_second_ = 0;
    second_ = second;
    return ++packets_in_second_ > flood_per_second;
}

std::vector<std::string> Advice::at_end(const Summary &summary) const
{
    if (!watches_tunnels_ || summary.packets != 0 || summary.unmatched_in_tunnels == 0)
        return {};
    return {fmt::format("nothing matched the filter, but {} packets are inside tunnels: --inner "
                        "makes the filter look there",
                        summary.unmatched_in_tunnels)};
}

} // namespace tcptrace
