// SPDX-License-Identifier: Apache-2.0
// One connection as each of several capture files holds it, segment by segment: what
// detect/two_views.h compares to say where on the way packets were lost. A value; made by
// source/overview.h, of files only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tcptrace {

struct Sighting {
    std::uint64_t time_ns = 0; // on the one clock that all files were brought to
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgment = 0;
    std::uint32_t length = 0; // payload
    std::uint32_t mark = 0;   // tells copies apart: the time stamp option's value, else the IP id
    std::uint8_t flags = 0;
    std::uint8_t ttl = 0;
    bool from_initiator = false;

    // Is this the same packet, seen elsewhere?
    [[nodiscard]] bool is_same(const Sighting &other) const
    {
        return sequence == other.sequence && acknowledgment == other.acknowledgment &&
               length == other.length && mark == other.mark && flags == other.flags &&
               from_initiator == other.from_initiator;
    }
};

// What one point of one file holds of the connection.
struct PointView {
    std::string name;          // of the file; with the interface where the file has several points
    std::uint64_t from_ns = 0; // the time that the file's packets span
    std::uint64_t until_ns = 0;
    bool is_empty = false;            // the file holds no packet at all
    std::vector<Sighting> segments{}; // in order of time; none: it passed by unseen, or never came
};

// Those that could have seen it; in the order of the command line.
using PathView = std::vector<PointView>;

} // namespace tcptrace
