// SPDX-License-Identifier: Apache-2.0
#include "support/capture.h"

#include "source/file_settings.h"

#include <tcptrace/read_segment.h>

#include <pcap/pcap.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace tcptrace::test {

namespace {

std::optional<tt_link> link_of(int data_link)
{
    switch (data_link) {
    case DLT_EN10MB:
        return TT_LINK_ETHERNET;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
        return TT_LINK_RAW;
    case DLT_LINUX_SLL:
        return TT_LINK_SLL;
    case DLT_LINUX_SLL2:
        return TT_LINK_SLL2;
    case DLT_NULL:
    case DLT_LOOP:
        return TT_LINK_LOOPBACK;
    default:
        return std::nullopt;
    }
}

} // namespace

std::optional<Capture> read_capture(const std::filesystem::path &path)
{
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> file(
        pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO,
                                                error.data()),
        pcap_close);
    if (!file)
        return std::nullopt;
    const auto link = link_of(pcap_datalink(file.get()));
    if (!link)
        return std::nullopt;
    Capture capture{.link = *link, .data_link = pcap_datalink(file.get()), .frames = {}};
    pcap_pkthdr *header = nullptr;
    const u_char *bytes = nullptr;
    while (pcap_next_ex(file.get(), &header, &bytes) == 1)
        capture.frames.push_back(
            {.bytes = {bytes, bytes + header->caplen},
             .wire_length = header->len,
             .time_ns = static_cast<std::uint64_t>(header->ts.tv_sec) * TT_NSEC_PER_SEC +
                        static_cast<std::uint64_t>(header->ts.tv_usec)});
    return capture;
}

std::optional<std::filesystem::path> shared_captures()
{
    const char *shared = std::getenv("SHARED");
    const std::filesystem::path folder =
        std::filesystem::path(shared ? shared : "../shared") / "corpora";
    if (!std::filesystem::is_directory(folder))
        return std::nullopt;
    return folder;
}

bool Classifier::Less::operator()(const tt_flow_key &a, const tt_flow_key &b) const
{
    return std::memcmp(&a, &b, sizeof a) < 0;
}

bool Classifier::classify(const Frame &frame, tt_record &record)
{
    const std::uint8_t *begin = frame.bytes.data();
    const std::uint8_t *end = begin + frame.bytes.size();
    tt_headers headers{};
    tt_packet packet{};

    if (tt_find_headers(begin, end, frame.wire_length, link_, &headers) != TT_PARSED ||
        (headers.protocol != TT_PROTOCOL_TCP && headers.protocol != TT_PROTOCOL_ICMP &&
         headers.protocol != TT_PROTOCOL_ICMPV6) ||
        tt_read_packet(&headers, end, &packet) != TT_PARSED)
        return false;
    record = {};
    record.sender = static_cast<std::uint8_t>(
        tt_flow_key_make(&record.key, &packet.ends, packet.segment.family, 0, TT_WAY_UNKNOWN));
    auto [place, fresh] = states_.try_emplace(record.key);
    if (fresh)
        tt_flow_state_init(&place->second, frame.time_ns);
    tt_classify(&place->second, record.sender, &packet.segment, frame.time_ns, &file_settings,
                &record.finding);
    record.time_ns = frame.time_ns;
    record.wire_length = frame.wire_length;
    record.head_length =
        static_cast<std::uint16_t>(std::min<std::size_t>(frame.bytes.size(), TT_HEAD_MAX));
    std::memcpy(record.head, begin, record.head_length);
    record.link = static_cast<std::uint8_t>(link_);
    record.way = TT_WAY_UNKNOWN;
    record.depth = TT_DEPTH_SEQUENCE;
    record.segment = packet.segment;
    record.state = place->second;
    return true;
}

} // namespace tcptrace::test
