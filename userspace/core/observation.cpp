// SPDX-License-Identifier: Apache-2.0
#include "core/observation.h"

#include <algorithm>

namespace tcptrace {

StoredPacket::StoredPacket(const PacketView &view)
    : view_(view), interface_(view.interface),
      head_length_(std::min(view.bytes.size(), head_.size()))
{
    std::copy_n(view.bytes.begin(), head_length_, head_.begin());
}

PacketView StoredPacket::view() const
{
    PacketView view = view_;
    view.interface = interface_;
    view.bytes = std::span(head_).first(head_length_);
    return view;
}

static Endpoint end_of(const tt_flow_key &key, unsigned end)
{
    return {{key.address[end], key.family}, key.port[end]};
}

Endpoint Observation::source() const
{
    return end_of(record.key, record.sender & 1);
}

Endpoint Observation::destination() const
{
    return end_of(record.key, (record.sender & 1) ^ 1);
}

PacketView Observation::packet() const
{
    const tt_half &fwd = record.state.half[record.sender & 1];
    const tt_half &rev = record.state.half[(record.sender & 1) ^ 1];
    const bool origin = record.finding.signs & TT_SIGN_PRINT_ORIGIN;
    // A quoted segment's numbers are printed as those of its connection.
    const bool has_ack =
        (record.segment.flags & TT_ACK) || record.segment.kind == TT_KIND_ICMP_ERROR;

    return {.time_ns = stamp_ns.value_or(record.time_ns),
            .number = number,
            .wire_length = record.wire_length,
            .ifindex = ifindex_in_file(record.key.ifindex, file),
            .interface = interface,
            .way = static_cast<tt_way>(record.way),
            .cast = static_cast<tt_cast>(record.cast),
            .link = static_cast<tt_link>(record.link),
            .source = source(),
            .destination = destination(),
            .segment = record.segment,
            .relative = (fwd.seen & TT_SEEN_PRINT) && has_ack && !origin,
            .sequence_origin = fwd.print_origin,
            .ack_origin = rev.print_origin,
            .bytes = frame};
}

namespace {

struct AnomalyName {
    tt_anomaly anomaly;
    std::string_view id;
};

constexpr std::array anomaly_names{
#define TT_ANOMALY_NAME(bit, NAME, id) AnomalyName{TT_##NAME, #id},
    TT_ANOMALIES(TT_ANOMALY_NAME)
#undef TT_ANOMALY_NAME
};

} // namespace

std::string_view anomaly_id(tt_anomaly anomaly)
{
    const auto found = std::ranges::find(anomaly_names, anomaly, &AnomalyName::anomaly);
    return found == anomaly_names.end() ? std::string_view{} : found->id;
}

std::uint32_t anomaly_by_id(std::string_view id)
{
    const auto found = std::ranges::find(anomaly_names, id, &AnomalyName::id);
    return found == anomaly_names.end() ? 0 : static_cast<std::uint32_t>(found->anomaly);
}

std::string_view stage_id(std::uint8_t stage)
{
    constexpr std::array<std::string_view, 5> names{"unknown", "syn", "handshake", "data",
                                                    "closing"};
    return stage < names.size() ? names[stage] : names[0];
}

} // namespace tcptrace
