// SPDX-License-Identifier: Apache-2.0
#include "source/link_type.h"

#include <pcap/dlt.h>

namespace tcptrace {

namespace {

constexpr std::uint16_t outgoing = 4; // LINUX_SLL_OUTGOING

} // namespace

std::optional<tt_link> link_of(int data_link)
{
    switch (data_link) {
    case DLT_EN10MB:
        return TT_LINK_ETHERNET;
    case DLT_RAW:
    case 14:  // DLT_RAW of OpenBSD
    case 101: // LINKTYPE_RAW, as some writers leave it
    case DLT_IPV4:
    case DLT_IPV6:
        return TT_LINK_RAW;
    case DLT_LINUX_SLL:
        return TT_LINK_SLL;
    case DLT_LINUX_SLL2:
        return TT_LINK_SLL2;
    case DLT_NULL:
    case DLT_LOOP:
        return TT_LINK_LOOPBACK;
    default:
        return std::nullopt;
    }
}

std::uint32_t link_type_in_file(int data_link)
{
    constexpr std::uint32_t raw = 101; // the only one read here whose numbers differ
    return data_link == DLT_RAW ? raw : static_cast<std::uint32_t>(data_link);
}

Place place_of(tt_link link, std::span<const std::uint8_t> frame)
{
    if (link == TT_LINK_SLL && frame.size() >= 2)
        return {tt_load16(frame.data()) == outgoing ? TT_OUT : TT_IN, 0};
    if (link == TT_LINK_SLL2 && frame.size() >= 11)
        return {frame[10] == outgoing ? TT_OUT : TT_IN, tt_load32(frame.data() + 4)};
    return {};
}

} // namespace tcptrace
