// SPDX-License-Identifier: Apache-2.0
// TCP sockets of the namespace the calling thread is in, by inet_diag: who listens on a
// port, and the socket of one connection. The kernel is asked for just these: never for a
// list of all sockets. Whose they are is process_finder.h.
#pragma once

#include "core/host_facts.h"
#include "host/deadline.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tcptrace {

struct Listener {
    ListenerFact fact;
    std::uint32_t inode = 0; // of the socket
    bool only_ipv6 = false;  // IPV6_V6ONLY
};

struct HeldSocket {
    SocketFact fact;
    std::uint32_t inode = 0; // 0: no process has it (not accepted yet, or closed)
};

// Empty: not answered. At most 256 of them; SO_REUSEPORT makes many.
[[nodiscard]] std::optional<std::vector<Listener>> listeners_on(std::uint16_t port,
                                                                Deadline deadline);

// Could a SYN to this address end at the listener, as far as addresses go?
[[nodiscard]] bool takes(const Listener &listener, const Address &address);

// Empty: there is none, or no answer.
[[nodiscard]] std::optional<HeldSocket> socket_of(const Endpoint &local, const Endpoint &remote,
                                                  Deadline deadline);

} // namespace tcptrace
