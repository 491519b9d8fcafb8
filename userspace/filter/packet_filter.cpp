// SPDX-License-Identifier: Apache-2.0
#include "filter/packet_filter.h"

#include "filter/culprit.h"
#include "filter/stand_in_frame.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

namespace tcptrace {

namespace {

// libpcap's own words, and the word in question where these do not name it.
Error why_refused(const std::string &expression, int data_link, std::string_view reason)
{
    std::string where;
    if (reason.ends_with("syntax error")) {
        const std::string word = culprit(expression, data_link);
        where = word.empty() ? " at its end" : fmt::format(" at \"{}\"", word);
    }
    return {Status::Usage,
            fmt::format("the filter \"{}\" is not valid: {}{}", expression, reason, where),
            {}};
}

} // namespace

struct PacketFilter::Program {
    bpf_program code{};
    ~Program() { pcap_freecode(&code); }
};

PacketFilter::PacketFilter(std::unique_ptr<Program> program) : program_(std::move(program)) {}
PacketFilter::PacketFilter(PacketFilter &&) noexcept = default;
PacketFilter &PacketFilter::operator=(PacketFilter &&) noexcept = default;
PacketFilter::~PacketFilter() = default;

Result<PacketFilter> PacketFilter::compile(const std::string &expression, int data_link)
{
    constexpr int snap_length = 262144; // tcpdump's
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(
        pcap_open_dead(data_link, snap_length), pcap_close);
    auto program = std::make_unique<Program>();

    if (pcap_compile(handle.get(), &program->code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) !=
        0)
        return std::unexpected(why_refused(expression, data_link, pcap_geterr(handle.get())));
    return PacketFilter(std::move(program));
}

bool PacketFilter::matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length) const
{
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(frame.size());
    header.len = wire_length;
    return pcap_offline_filter(&program_->code, &header, frame.data()) != 0;
}

bool PacketFilter::matches_stand_in(const tt_segment &segment, const Endpoint &source,
                                    const Endpoint &destination) const
{
    const StandInFrame stand_in = stand_in_frame(segment, source, destination);
    return matches(stand_in.bytes(), stand_in.wire_length);
}

bool PacketFilter::matches(const Observation &observation) const
{
    const tt_segment &segment = observation.record.segment;
    const bool ethernet = observation.record.link == TT_LINK_ETHERNET;
    const bool has_frame = !observation.frame.empty() && ethernet;
    const Endpoint source = observation.source();
    const Endpoint destination = observation.destination();

    if (has_frame && matches(observation.frame, observation.record.wire_length))
        return true;
    // An ICMP error is evidence about the connection it quotes: "tcp port 80" means it too.
    if (segment.kind == TT_KIND_ICMP_ERROR)
        return matches_stand_in(segment, source, destination) ||
               matches_stand_in(segment, destination, source);
    return !has_frame && matches_stand_in(segment, source, destination);
}

} // namespace tcptrace
