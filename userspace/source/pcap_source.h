// SPDX-License-Identifier: Apache-2.0
// A capture file (pcap or pcapng, or standard input) as a source, on the file's own
// clock: libpcap reads it, the contract's header classifies it.
#pragma once

#include "core/result.h"
#include "source/source.h"

#include <memory>
#include <optional>
#include <string>

namespace tcptrace {

struct PcapOptions {
    std::string path;                   // "-": standard input
    std::string filter;                 // pcap-filter(7), by libpcap
    bool inner = false;                 // it is about what a tunnel carries
    std::optional<std::uint64_t> count; // stop after so many matching packets
    bool packets = false;               // tell of each matching packet
};

[[nodiscard]] Result<std::unique_ptr<Source>> open_pcap(const PcapOptions &options);

} // namespace tcptrace
