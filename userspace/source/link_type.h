// SPDX-License-Identifier: Apache-2.0
// libpcap's link types (DLT_), as far as tcptrace reads them, and what their headers say
// beyond addresses: which way a packet went, and through which interface.
#pragma once

#include <tcptrace/flow_key.h>
#include <tcptrace/parse.h>

#include <cstdint>
#include <optional>
#include <span>

namespace tcptrace {

// Nothing for a link type that is not read.
[[nodiscard]] std::optional<tt_link> link_of(int data_link);

// LINKTYPE_, as capture files name it.
[[nodiscard]] std::uint32_t link_type_in_file(int data_link);

struct Place {
    tt_way way = TT_WAY_UNKNOWN;
    std::uint32_t ifindex = 0; // of the machine that captured; 0 unknown
};

// Where the packet was captured, as far as a cooked header tells.
[[nodiscard]] Place place_of(tt_link link, std::span<const std::uint8_t> frame);

} // namespace tcptrace
