// SPDX-License-Identifier: Apache-2.0
// Plain TCP sockets for tests with real stacks: endpoints from text, a listener, a connect.
#pragma once

#include "core/address.h"
#include "core/unique_fd.h"

#include <cstdint>
#include <string>

namespace tcptrace::test {

[[nodiscard]] Endpoint endpoint(const std::string &address, std::uint16_t port);

[[nodiscard]] UniqueFd listen_on(const Endpoint &local, int backlog = 8, bool only_ipv6 = false);
// Begins; is not waited for.
[[nodiscard]] UniqueFd connect_from(const Endpoint &local, const Endpoint &remote);
[[nodiscard]] bool is_connected(const UniqueFd &socket); // waits up to ten seconds for it

} // namespace tcptrace::test
