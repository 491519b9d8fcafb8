// SPDX-License-Identifier: Apache-2.0
// ARP (RFC 826) and reverse ARP as tcpdump prints them. ATM's and frame relay's own address
// forms are not told apart from others.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

LineEnd append_arp(std::string &out, Bytes arp, std::uint32_t length, const LineOptions &options);

} // namespace tcptrace
