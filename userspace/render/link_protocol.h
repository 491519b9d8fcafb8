// SPDX-License-Identifier: Apache-2.0
// What a link carries, by its ethertype: the one place where Ethernet, cooked headers, SNAP
// and Geneve meet IPv4, IPv6 and ARP.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <optional>
#include <string>

namespace tcptrace {

// Nothing, and nothing printed, for a protocol that is not decoded.
std::optional<LineEnd> append_link_protocol(std::string &out, std::uint16_t ethertype,
                                            Bytes payload, std::uint32_t length,
                                            const LineContext &context);

// What is not decoded is shown byte for byte, unless -q, -x, -X or -A say otherwise.
void append_unknown_payload(std::string &out, Bytes payload, const LineOptions &options);

} // namespace tcptrace
