// SPDX-License-Identifier: Apache-2.0
// The user's filter in user space: a pcap-filter(7) expression, with `vxlan` and with
// --inner, asked of frames and of observations. What of it can run in the kernel:
// source/kernel_filter.h.
#pragma once

#include "core/observation.h"
#include "core/result.h"
#include "filter/classic_run.h"
#include "filter/filter_programs.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tcptrace {

class PacketFilter {
public:
    // An expression that libpcap refuses is a usage error in libpcap's own words.
    [[nodiscard]] static Result<PacketFilter>
    compile(const std::string &expression, const PacketKind &kind, Inner inner = Inner::No);
    // For live packets; those of devices without link header are known by their record.
    [[nodiscard]] static Result<PacketFilter> compile(const std::string &expression, int data_link,
                                                      Inner inner = Inner::No)
    {
        return compile(expression, PacketKind{.data_link = data_link}, inner);
    }

    [[nodiscard]] bool matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                               const SeenAt &where = {}) const;
    // For live records, compiled for Ethernet. Those without a frame (sweep, stack) are
    // matched by a frame made of what is known of them; an ICMP error also by one of the
    // connection that it quotes.
    [[nodiscard]] bool matches(const Observation &observation) const;
    // For live packets: by their frame alone.
    [[nodiscard]] bool matches_frame(const Observation &packet) const;

private:
    explicit PacketFilter(tt_link link) : link_(link) {}
    [[nodiscard]] bool matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                               tt_link link, const SeenAt &where) const;
    [[nodiscard]] bool matches_inside(std::span<const std::uint8_t> frame,
                                      std::uint32_t wire_length, tt_link link,
                                      const SeenAt &where) const;
    [[nodiscard]] bool matches_stand_in(const tt_segment &segment, const Endpoint &source,
                                        const Endpoint &destination, const SeenAt &where) const;

    tt_link link_;                  // of frames without a record
    bool any_tunnel_ = false;       // inside any, and not inside VXLAN only
    std::optional<ClassicRun> own_; // of packets as they are, by their link
    std::optional<ClassicRun> raw_;
    std::optional<ClassicRun> inside_ethernet_; // of what they carry
    std::optional<ClassicRun> inside_raw_;
};

} // namespace tcptrace
