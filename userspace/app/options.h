// SPDX-License-Identifier: Apache-2.0
// What was asked on the command line, as a plain struct. options.cpp alone knows CLI11.
#pragma once

#include "core/result.h"

#include "render/line_options.h"
#include "sink/write_options.h"

#include <tcptrace/settings.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tcptrace {

inline constexpr std::uint32_t snaplen_max = 262144; // as tcpdump's and libpcap's

struct Options {
    enum class Action { Run, Help, Version, ListInterfaces, ListLinkTypes, Doctor, Explain };

    Action action = Action::Run;
    std::string explain;                 // the id
    std::vector<std::string> interfaces; // empty: any
    std::vector<std::string> read_files; // empty: live
    std::string netns;                   // name or path; --pid ends here too
    std::string filter;
    std::string filter_file; // -F; takes the place of `filter`
    bool inner = false;      // the filter is about what a tunnel carries
    int dump_filter = 0;     // -d: print what the filter is compiled to, and how
    tt_depth depth = TT_DEPTH_NOTABLE;
    bool xdp = false;
    bool packets = false; // every packet as a line, and not only anomalies
    bool diagnose = false;
    bool json = false;
    bool stats = false;
    bool resolve = false;     // names in the place of numbers
    bool short_names = false; // -N: without their domains
    bool line_buffered = false;
    bool print = false; // --print: -w and packets on screen
    LineOptions line;
    bool read_from_file() const { return !read_files.empty(); }
    std::uint32_t snaplen = snaplen_max;
    std::uint64_t recorder_bytes = 0; // --recorder
    std::uint64_t ring_kib = 0;       // -B; 0: as the source thinks right
    WriteOptions write;
    std::string link_type; // -y: what -w writes, by libpcap's name; empty: the first of -L's
    std::optional<std::uint64_t> count;
    std::optional<std::chrono::nanoseconds> duration;
    std::set<std::string, std::less<>> only;
    std::set<std::string, std::less<>> fail_on;
};

// A bad command line is a usage error whose message names the word.
[[nodiscard]] Result<Options> parse_options(int argc, const char *const *argv);

[[nodiscard]] std::string help_text();
[[nodiscard]] std::string version_text();

} // namespace tcptrace
