// SPDX-License-Identifier: Apache-2.0
// Real sockets in a namespace of the test, and what the tracepoints tell of them.
#pragma once

#include "core/unique_fd.h"
#include "support/kernel_side.h"
#include "support/private_netns.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tcptrace::test {

// Tracepoints attached, in a namespace of its own.
struct Stack {
    PrivateNetns netns;
    KernelSide kernel;
    std::vector<tt_record> all{}; // told since it was cleared

    Stack();
    // The first record of this hook that comes within `ms`.
    std::optional<tt_record> await(tt_hook hook, int ms = 500);
};

struct Where {
    const char *name;
    int domain;
    const char *address; // as the socket is given it
    tt_family family;    // as it is on the wire
};

[[nodiscard]] UniqueFd listen_on(const Where &where, std::uint16_t port);
UniqueFd connect_to(const Where &where, std::uint16_t port, int &result, int flags = 0);
// So that close() sends a reset.
void abort_on_close(const UniqueFd &socket);

} // namespace tcptrace::test
