// SPDX-License-Identifier: Apache-2.0
// A judgement about one fault: which, why, how sure, who is suspected, how often, and
// the packets that show it (contract §4, §5). A value: made by detect/, printed by
// render/. What is not known stays empty and is not printed.
#pragma once

#include "core/host_facts.h"
#include "core/observation.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

enum class Confidence : std::uint8_t { Possible, Likely, Certain };
enum class Severity : std::uint8_t { Notice, Warning, Error };

// Where the kernel dropped the packets, and by which rule.
struct DropTold {
    std::string reason;
    std::string function;
    std::string hook;
    std::string rule;
    std::string interface;
    std::uint32_t netns = 0;
    friend bool operator==(const DropTold &, const DropTold &) = default;
};

// Two captures of the same traffic, the initiator's side first: what the one holds on its
// way to the other, and the other lacks.
struct LostBetween {
    std::array<std::string, 2> files;
    std::string_view direction; // "to_responder" or "to_initiator"
};

struct Diagnosis {
    std::string_view id;         // "syn_timeout"
    std::string_view cause;      // "no_reply"; empty for a notice without causes
    std::string_view error_type; // OpenTelemetry's word ("timed_out"), or empty
    std::string_view suspect;    // "network", "peer", "this_node", "client", "server"; or empty
    std::string_view locus;      // of a SYN without answer: "left_this_node" ...; or empty
    Confidence confidence = Confidence::Possible;
    Severity severity = Severity::Error;

    std::uint64_t count = 0;    // connections
    std::uint64_t first_ns = 0; // the source's clock
    std::uint64_t last_ns = 0;

    // What all its connections share (initiator, then responder).
    std::optional<Address> source;
    std::optional<std::uint16_t> source_port; // only when it stands for one connection
    std::optional<Address> destination;
    std::optional<std::uint16_t> destination_port;

    std::string summary;                // one sentence
    std::string what;                   // what was seen
    std::string where;                  // how far it came; may be empty
    std::string who;                    // the process, in words; may be empty
    std::optional<ProcessName> process; // the one that `who` is about, if it is one
    std::optional<DropTold> drop;       // that explains it, if it is one
    std::optional<LostBetween> lost_between;
    std::string why;                 // the cause in words
    std::vector<std::string> advice; // what to do next, one sentence or command each

    std::vector<Connection> examples;   // at most 3, when it stands for several
    std::vector<StoredPacket> evidence; // in order of time
    std::uint64_t records_lost = 0;     // while it was made
};

[[nodiscard]] std::string_view to_string(Confidence confidence);
[[nodiscard]] std::string_view to_string(Severity severity);

} // namespace tcptrace
