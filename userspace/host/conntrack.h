// SPDX-License-Identifier: Apache-2.0
// The connection tracking of the namespace the calling thread is in: how full its table is,
// what it gave up, and the entry of one connection, by libnetfilter_conntrack. Where the
// kernel has no connection tracking loaded nothing is asked, so that asking does not load it.
#pragma once

#include "core/address.h"
#include "host/deadline.h"

#include <cstdint>
#include <optional>

namespace tcptrace {

struct ConntrackCounts {
    std::uint64_t count = 0;
    std::uint64_t max = 0;
    // Sums since the namespace was made.
    std::uint64_t dropped = 0;
    std::uint64_t early_dropped = 0;
    std::uint64_t insert_failed = 0;
    std::uint64_t invalid = 0;
};

// The connection as it comes, and as it goes on; equal where there is no NAT.
struct ConntrackEntry {
    Connection before;
    Connection beyond;
};

[[nodiscard]] inline bool is_nat(const ConntrackEntry &entry)
{
    return entry.before != entry.beyond;
}

[[nodiscard]] std::optional<ConntrackCounts> conntrack_counts(Deadline deadline);

// The connection may be given as either side of the NAT has it. In the default zone only.
[[nodiscard]] std::optional<ConntrackEntry> conntrack_entry(const Connection &connection,
                                                            Deadline deadline);

} // namespace tcptrace
