// SPDX-License-Identifier: Apache-2.0
// One attempt to connect from a named network namespace: a SYN, and what comes of it at once.
#pragma once

#include "core/address.h"

#include <string>

namespace tcptrace::test {

// `netns` of /run/netns; empty: the calling thread's. 0: nothing came back; else an errno,
// EISCONN if the connection was made.
int connect_attempt(const std::string &netns, const Endpoint &source, const Endpoint &destination);

} // namespace tcptrace::test
