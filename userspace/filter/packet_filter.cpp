// SPDX-License-Identifier: Apache-2.0
#include "filter/packet_filter.h"

#include "filter/stand_in_frame.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

namespace tcptrace {

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
        return fail(Status::Usage, fmt::format("the filter \"{}\" is not valid: {}", expression,
                                               pcap_geterr(handle.get())));
    return PacketFilter(std::move(program));
}

bool PacketFilter::matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length) const
{
    pcap_pkthdr header{};
    header.caplen = static_cast<bpf_u_int32>(frame.size());
    header.len = wire_length;
    return pcap_offline_filter(&program_->code, &header, frame.data()) != 0;
}

bool PacketFilter::matches(const Observation &observation) const
{
    if (!observation.frame.empty() && observation.record.link == TT_LINK_ETHERNET)
        return matches(observation.frame, observation.record.wire_length);
    const StandInFrame stand_in = stand_in_frame(observation);
    return matches(stand_in.bytes(), stand_in.wire_length);
}

} // namespace tcptrace
