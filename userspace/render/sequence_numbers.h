// SPDX-License-Identifier: Apache-2.0
// The first sequence numbers of the TCP connections that were printed, so that the next
// segments are printed relative to them: by tcpdump's rules, which are simpler than the
// classifier's (flow states). Lines of events and evidence take the classifier's.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <array>
#include <cstdint>
#include <list>
#include <unordered_map>

namespace tcptrace {

// Of one segment with ACK, as its headers have it.
struct PrintedSegment {
    Bytes addresses; // source and destination behind one another: 8 or 32 bytes
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint8_t flags = 0;
    std::uint32_t sequence = 0;
    std::uint32_t ack = 0;
};

class SequenceNumbers {
public:
    // tcpdump forgets none; here the connection that was silent longest leaves.
    explicit SequenceNumbers(std::size_t connections_max = 65536)
        : connections_max_(connections_max)
    {
    }

    // What to take off its numbers. The first segment of a pair of ends, and each with SYN,
    // is printed as it stands and gives the numbers of those that follow; a segment without
    // ACK must not come here.
    [[nodiscard]] SequenceOrigin origin_of(const PrintedSegment &segment);

private:
    // The end with the lower port (then address) first, so that both directions meet.
    struct Ends {
        std::array<std::uint8_t, 32> addresses{};
        std::array<std::uint16_t, 2> ports{};
        bool ipv6 = false;

        bool operator==(const Ends &) const = default;
    };
    struct Hash {
        std::size_t operator()(const Ends &ends) const;
    };
    struct Connection {
        Ends ends;
        std::array<std::uint32_t, 2> first{}; // of each end, in the order of `ends`
    };
    using Connections = std::list<Connection>; // the one heard last is in front

    static Ends ends_of(const PrintedSegment &segment, bool reversed);

    std::size_t connections_max_;
    Connections connections_;
    std::unordered_map<Ends, Connections::iterator, Hash> by_ends_;
};

} // namespace tcptrace
