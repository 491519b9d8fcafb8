// SPDX-License-Identifier: Apache-2.0
// What is said at the start and at the end of a run. Values, printed by render/.
#pragma once

#include <tcptrace/counters.h>
#include <tcptrace/settings.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

struct StartInfo {
    std::uint64_t time_ns = 0; // the source's clock
    std::string source;        // "live" or the file's name
    std::string kernel;        // empty for a file
    std::vector<std::string> interfaces;
    std::string filter; // as typed; empty: none
    tt_depth depth = TT_DEPTH_SEQUENCE;
    std::optional<std::uint32_t> link_type; // LINKTYPE_ of all packets of a file, or files
    std::uint32_t snaplen = 0;              // as the file says; 0 live
    std::vector<std::string> unavailable;   // what cannot be seen here, a sentence each
};

struct Percentiles { // seconds
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
    std::uint64_t count = 0;
};

struct Summary {
    std::uint64_t time_ns = 0;
    std::uint64_t first_ns = 0; // when watching began (a file: its first packet)
    std::uint64_t packets = 0;
    std::optional<std::uint64_t> captured;  // shown or written, where packets were asked for
    std::uint64_t bytes = 0;                // of the file's packets on the wire; 0 live
    std::uint64_t unmatched_in_tunnels = 0; // packets that only a filter on the inside matches
    std::uint64_t connections = 0;
    std::optional<Percentiles> handshake; // SYN to the segment that completes it
    std::map<std::string, std::uint64_t, std::less<>> events;    // by id
    std::map<std::string, std::uint64_t, std::less<>> diagnoses; // by id, notices too
    std::uint64_t records_lost = 0;
    std::uint64_t faults = 0; // diagnoses that are no notice; 0 = "healthy"
    std::uint64_t untold = 0; // verdicts beyond the number of different faults that are kept
    double cpu_seconds = 0;   // of this process, user and system
    tt_counters counters{};
    bool interrupted = false; // the input ended before its end (damaged file)
};

} // namespace tcptrace
