// SPDX-License-Identifier: Apache-2.0
// The words behind -w, -C, -G, -W, -Z and what they mean together, as tcpdump has it.
#pragma once

#include "app/options.h"

namespace tcptrace {

// As typed; nothing where the option was not given.
struct WriteWords {
    std::optional<std::string> file;
    std::optional<std::string> size;     // -C
    std::optional<std::string> time;     // -G
    std::optional<std::string> count;    // -W
    std::optional<std::string> user;     // -Z
    std::optional<std::string> min_free; // "5%" or "5"
    bool each_packet = false;
    bool on_anomaly = false;
};

[[nodiscard]] Result<WriteOptions> understand_write(const WriteWords &words);

} // namespace tcptrace
