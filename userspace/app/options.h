// SPDX-License-Identifier: Apache-2.0
// What was asked on the command line, as a plain struct. options.cpp alone knows CLI11.
#pragma once

#include "core/result.h"

#include <tcptrace/settings.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tcptrace {

struct Options {
    enum class Action { Run, Help, Version, ListInterfaces, Doctor };

    Action action = Action::Run;
    std::vector<std::string> interfaces; // empty: any
    std::string read_file;               // empty: live
    std::string netns;                   // name or path; --pid ends here too
    std::string filter;
    tt_depth depth = TT_DEPTH_NOTABLE;
    bool xdp = false;
    bool diagnose = false;
    bool json = false;
    bool stats = false;
    bool line_buffered = false;
    bool absolute_sequence = false;
    int verbosity = 0;
    int time_style = 0; // number of -t
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
