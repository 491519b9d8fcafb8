// SPDX-License-Identifier: Apache-2.0
// Capture files (pcap or pcapng, or standard input) as a source, on their own clock:
// libpcap reads them, the contract's header classifies them. Each file is an observation
// point of its own: a packet that two of them hold is no retransmission.
#pragma once

#include "core/result.h"
#include "source/source.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

struct PcapOptions {
    std::vector<std::string> paths;     // "-": standard input
    std::string filter;                 // pcap-filter(7), by libpcap
    bool inner = false;                 // it is about what a tunnel carries
    std::optional<std::uint64_t> count; // stop after so many matching packets
    bool packets = false;               // tell of each matching packet
    bool compare = false;               // several files: what each holds of a connection
};

[[nodiscard]] Result<std::unique_ptr<Source>> open_pcap(const PcapOptions &options);

} // namespace tcptrace
