// SPDX-License-Identifier: Apache-2.0
// The options of an OPT record (RFC 6891) as tcpdump prints them between its brackets.
#pragma once

#include "render/dns_message.h"

#include <string>

namespace tcptrace {

// The option at `at`; behind it, or nothing where it is cut.
DnsPosition append_edns_option(std::string &out, Bytes message, std::size_t at);

} // namespace tcptrace
