// SPDX-License-Identifier: Apache-2.0
// What is likely not meant as it was typed, or not what it looks like: one sentence each,
// once, with what to do. Knows options and packets; prints nothing (advice_sink.h does).
#pragma once

#include "app/options.h"
#include "core/observation.h"
#include "core/summary.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

class Advice {
public:
    // `terminal`: lines go to one.
    // `names_lag`: do look-ups of names not keep up? Asked with each packet and event.
    Advice(const Options &options, bool terminal, std::function<bool()> names_lag = {});

    [[nodiscard]] std::vector<std::string> at_start() const;
    [[nodiscard]] std::vector<std::string> about(const PacketView &packet);
    [[nodiscard]] std::vector<std::string> about_names();
    [[nodiscard]] std::vector<std::string> at_end(const Summary &summary) const;

private:
    [[nodiscard]] bool is_flood(std::uint64_t time_ns);

    const Options &options_;
    bool live_;
    bool watches_rate_;    // packets to a terminal, all of them
    bool watches_payload_; // shown as text
    bool watches_tunnels_;
    std::function<bool()> names_lag_; // empty once told
    std::uint64_t second_ = 0;        // of the packets counted
    std::uint32_t packets_in_second_ = 0;
};

} // namespace tcptrace
