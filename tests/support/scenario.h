// SPDX-License-Identifier: Apache-2.0
// A scenario (tests/scenarios/README.md): a TCP story with what is to be told of it. The
// same file runs through the header as C++, through the BPF programs, and as a capture
// through the finished binary; each world hands its answers to differences().
#pragma once

#include "core/observation.h"

#include <tcptrace/classify.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tcptrace::test {

// One event; `detail` is a reset's stage or the number of a repetition, empty if neither.
struct Told {
    tt_anomaly anomaly;
    std::string detail;
};

struct Step {
    enum class Kind { Segment, IcmpError, Silence };

    Kind kind = Kind::Segment;
    int line = 0;
    std::uint64_t time_ns = 0; // since the scenario began
    bool from_client = true;   // of an ICMP error: the quoted segment's receiver "sends" it
    std::uint8_t flags = 0;
    std::uint32_t sequence = 0; // absolute, as are acknowledgments
    std::uint32_t acknowledgment = 0;
    std::uint32_t length = 0;
    std::uint16_t window = 0;
    std::uint8_t scale = TT_SCALE_ABSENT;
    std::uint8_t icmp_type = 0;
    std::uint8_t icmp_code = 0;
    std::uint32_t ifindex = 0; // where it was seen; 0: the scenario has but one place
    tt_way way = TT_WAY_UNKNOWN;
    std::vector<Told> expected;
};

struct Scenario {
    std::string name;
    bool ipv6 = false;
    bool several_points = false; // then its capture is Linux cooked v2, else Ethernet
    std::vector<Step> steps;     // in order of time
    std::vector<std::pair<std::string, std::string>> diagnoses; // id, cause (may be empty)
};

// Throws std::runtime_error "FILE:LINE: what is wrong".
[[nodiscard]] Scenario read_scenario(const std::filesystem::path &path);
// All of tests/scenarios, by name.
[[nodiscard]] std::vector<Scenario> all_scenarios();

// The events a finding stands for.
[[nodiscard]] std::vector<Told> told_of(const tt_finding &finding);
// told[i] is what a world said at steps[i]. One sentence for each thing missed or
// invented; none if the world told the story as expected.
[[nodiscard]] std::vector<std::string> differences(const Scenario &scenario,
                                                   const std::vector<std::vector<Told>> &told);

} // namespace tcptrace::test
