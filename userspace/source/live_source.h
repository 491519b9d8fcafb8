// SPDX-License-Identifier: Apache-2.0
// The running kernel as a source: loads the BPF programs, attaches them, drains the
// ring buffers, sweeps for SYNs without an answer, and takes everything off again.
#pragma once

#include "core/result.h"
#include "source/source.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

struct LiveOptions {
    std::vector<std::string> interfaces; // empty: any, which follows those that come and go
    std::string netns;                   // name or path; empty: where we are
    std::string filter;                  // pcap-filter(7); runs in the kernel if it can
    bool inner = false;                  // it is about what a tunnel carries
    tt_depth depth = TT_DEPTH_NOTABLE;
    bool xdp = false;                 // watch ingress at XDP instead of TC
    bool evidence = false;            // also deliver handshake, FIN and reset segments
    bool packets = false;             // deliver each packet that matches
    bool on_anomaly = false;          // but only of flows that had an anomaly, from then on
    std::uint64_t recorder_bytes = 0; // for headers from before an anomaly; 0: not kept
    std::uint32_t snaplen = 262144;   // bytes of these
    std::uint64_t ring_kib = 0;       // room for these on their way here; 0: enough for bursts
    std::optional<std::chrono::nanoseconds> duration; // counts from when all is attached
};

// Nothing is attached before run(). Errors say what is missing and what to do.
[[nodiscard]] Result<std::unique_ptr<Source>> open_live(const LiveOptions &options);

} // namespace tcptrace
