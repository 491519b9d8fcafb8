// SPDX-License-Identifier: Apache-2.0
// pcap-filter(7) expressions, compiled and run by libpcap in user space.
#pragma once

#include "core/observation.h"
#include "core/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace tcptrace {

class PacketFilter {
public:
    // `data_link`: libpcap's DLT_ of the packets it will be shown. An expression that
    // libpcap refuses is a usage error in libpcap's own words.
    [[nodiscard]] static Result<PacketFilter> compile(const std::string &expression, int data_link);
    PacketFilter(PacketFilter &&) noexcept;
    PacketFilter &operator=(PacketFilter &&) noexcept;
    ~PacketFilter();

    [[nodiscard]] bool matches(std::span<const std::uint8_t> frame,
                               std::uint32_t wire_length) const;
    // For live records, compiled for Ethernet. Those without a frame (sweep, stack) are
    // matched by a frame made of what is known of them; an ICMP error also by one of the
    // connection that it quotes.
    [[nodiscard]] bool matches(const Observation &observation) const;

private:
    struct Program;
    explicit PacketFilter(std::unique_ptr<Program> program);
    [[nodiscard]] bool matches_stand_in(const tt_segment &segment, const Endpoint &source,
                                        const Endpoint &destination) const;
    std::unique_ptr<Program> program_;
};

} // namespace tcptrace
