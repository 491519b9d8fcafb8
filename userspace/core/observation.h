// SPDX-License-Identifier: Apache-2.0
// What a source hands to the pipeline: one record (include/tcptrace/record.h), with
// what only user space knows about it. Live and file make the same.
//
// An observation with anomalies is told to the user as one event for each of them;
// one without is evidence: a handshake, FIN or reset segment worth keeping a moment.
#pragma once

#include "core/address.h"

#include <tcptrace/record.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tcptrace {

// A packet as a line prints it. `bytes` is what was captured, from the link header
// on; empty when no frame was seen (sweep, stack): then only flags, sequence number
// and length of `segment` are known.
struct PacketView {
    std::uint64_t time_ns = 0; // the source's clock; in a file, its own time stamp
    std::uint64_t number = 0;  // from 1 in a file, as Wireshark counts; 0 live
    std::uint32_t wire_length = 0;
    std::uint32_t ifindex = 0;    // 0: unknown
    std::string_view interface{}; // empty: unknown
    tt_way way = TT_WAY_UNKNOWN;
    tt_cast cast = TT_CAST_HOST;
    tt_link link = TT_LINK_ETHERNET;
    Endpoint source{};
    Endpoint destination{};
    tt_segment segment{};
    bool relative = false; // print numbers less these origins, unless -S
    std::uint32_t sequence_origin = 0;
    std::uint32_t ack_origin = 0;
    std::span<const std::uint8_t> bytes{};
};

// A packet kept as evidence after its frame is gone.
class StoredPacket {
public:
    explicit StoredPacket(const PacketView &view);
    [[nodiscard]] PacketView view() const; // valid while *this lives

private:
    PacketView view_;
    std::string interface_;
    std::array<std::uint8_t, TT_HEAD_MAX> head_{};
    std::size_t head_length_ = 0;
};

// Several files are told apart in their records by the upper byte of key.ifindex, so that
// each is an observation point of its own (flow_key.h). Its own inverse.
inline constexpr std::size_t files_max = 256;
[[nodiscard]] constexpr std::uint32_t ifindex_in_file(std::uint32_t ifindex, std::uint8_t file)
{
    return ifindex ^ std::uint32_t{file} << 24;
}

// What this kernel calls a packet's drop; what is not known is empty.
struct DropName {
    std::string_view reason{};   // "NETFILTER_DROP"
    std::string_view function{}; // it was freed in: "nft_do_chain"
    std::string_view hook{};     // whose rule or program did it: "forward"
};

struct Observation {
    const tt_record &record;
    std::span<const std::uint8_t> frame{}; // all that was captured; record.head if that is all
    std::uint64_t number = 0;
    std::string_view interface{};
    // As it stands in a file. record.time_ns is the clock there, which never runs backwards.
    std::optional<std::uint64_t> stamp_ns{};
    std::uint8_t file = 0;        // of several
    std::string_view file_name{}; // empty where there are not several
    // A reset that this machine's TCP sends is told of, whatever the namespace: where none
    // is, TCP did not send it.
    bool stack_tells_resets = false;
    DropName drop{}; // of TT_HOOK_DROP
    // Of a network namespace that is not looked at: evidence about flows seen here, no more.
    bool foreign = false;

    [[nodiscard]] Endpoint source() const; // of the segment
    [[nodiscard]] Endpoint destination() const;
    [[nodiscard]] PacketView packet() const;
};

// The id of one anomaly, as users see it: "syn_retransmission".
[[nodiscard]] std::string_view anomaly_id(tt_anomaly anomaly);
// The anomaly with this id, or 0.
[[nodiscard]] std::uint32_t anomaly_by_id(std::string_view id);
[[nodiscard]] std::string_view stage_id(std::uint8_t stage); // enum tt_stage

// Calls visit(tt_anomaly) for each bit of `anomalies`, lowest first.
template <typename Visit>
void for_each_anomaly(std::uint32_t anomalies, Visit visit)
{
    for (; anomalies != 0; anomalies &= anomalies - 1)
        visit(static_cast<tt_anomaly>(anomalies & -anomalies));
}

} // namespace tcptrace
