// SPDX-License-Identifier: Apache-2.0
// One question or one resource record of a DNS message as tcpdump prints it.
#pragma once

#include "render/dns_message.h"

#include <cstddef>
#include <string>

namespace tcptrace {

struct DnsStyle {
    int verbosity = 0;
    bool multicast = false; // mDNS: the class's upper bit has a meaning of its own (RFC 6762)
};

// What stands at `at`; behind it, or nothing where it is cut or broken.
DnsPosition append_dns_question(std::string &out, Bytes message, std::size_t at,
                                const DnsStyle &style);
DnsPosition append_dns_record(std::string &out, Bytes message, std::size_t at,
                              const DnsStyle &style);

} // namespace tcptrace
