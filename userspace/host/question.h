// SPDX-License-Identifier: Apache-2.0
// What is asked of this machine, and where the ends of the connection in question are among
// its network namespaces: by their addresses, by the kernel's records, and through a NAT.
#pragma once

#include "core/address.h"
#include "host/deadline.h"
#include "host/local_addresses.h"
#include "host/namespaces.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace tcptrace {

struct Question {
    Connection connection;
    // Inodes where the kernel's own records tell; 0: not known. Initiator, responder.
    std::array<std::uint32_t, 2> netns{};
    std::vector<std::uint32_t> on_the_way{}; // where its packets were dropped, for instance
    // As the responder has it, if that is known to be another name; of a connection that is over,
    // no conntrack entry tells.
    std::optional<Connection> at_responder{};
    std::uint32_t pid = 0; // that the kernel named; 0: none
};

struct Located {
    Connection asked;
    std::array<std::uint32_t, 2> netns{}; // 0: this machine is not that end, or cannot tell
    std::array<Connection, 2> known_as{}; // the connection as each end has it
    std::vector<std::uint32_t> between{}; // of the question, or with a conntrack entry of it
    Connection beyond;                    // as it goes on behind what translates it
    // As it is called from the initiator to the responder; empty: no NAT renames it.
    std::vector<Connection> names{};
};

[[nodiscard]] Located locate(const Question &question, const Namespaces &namespaces,
                             const LocalAddresses &addresses, Deadline deadline);

} // namespace tcptrace
