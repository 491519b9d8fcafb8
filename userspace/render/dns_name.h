// SPDX-License-Identifier: Apache-2.0
// Domain names and texts of DNS messages as tcpdump prints them. Where these stand is
// dns_record.h's.
#pragma once

#include "render/bytes.h"
#include "render/dns_message.h"

#include <cstddef>
#include <string>

namespace tcptrace {

// The name at `at`, pointers followed (RFC 1035 §4.1.4), and where it ends; nothing where it is
// cut or broken, after what could be told of it. The end may lie behind the message's.
DnsPosition append_dns_name(std::string &out, Bytes message, std::size_t at);

// `length` characters; false where the message ends before.
bool append_dns_text(std::string &out, Bytes message, std::size_t at, std::size_t length);

} // namespace tcptrace
