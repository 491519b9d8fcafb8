// SPDX-License-Identifier: Apache-2.0
#include "filter/carried.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t ethernet_header_bytes = 14;

CarriedPacket part(std::span<const std::uint8_t> frame, std::size_t offset,
                   std::uint32_t wire_length, bool ethernet)
{
    return {.bytes = frame.subspan(offset),
            .wire_length =
                wire_length > offset ? wire_length - static_cast<std::uint32_t>(offset) : 0,
            .ethernet = ethernet};
}

} // namespace

CarriedPackets::CarriedPackets(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                               tt_link link)
{
    const std::uint8_t *begin = frame.data();
    const std::uint8_t *end = begin + frame.size();
    tt_headers headers{};
    tt_inner inner{.offset = 0, .wire_length = wire_length, .ethertype = 0};
    int result = tt_find_headers(begin, end, wire_length, link, &headers);

    while (count_ < packets_.size() && (result == TT_NOT_IP || result == TT_PARSED)) {
        tt_enter_layer(begin, end, &headers, result, &inner);
        const bool ethernet = inner.ethertype == TT_ETHERTYPE_BRIDGED;
        if (inner.ethertype == 0 || inner.offset >= frame.size())
            return;
        packets_[count_++] = part(frame, inner.offset, inner.wire_length, ethernet);
        if (ethernet) {
            if (inner.offset + ethernet_header_bytes > frame.size())
                return;
            inner.ethertype = tt_load16(begin + inner.offset + 12);
            inner.offset += ethernet_header_bytes;
        }
        result =
            tt_find_network(begin, end, inner.wire_length, inner.offset, inner.ethertype, &headers);
    }
}

CarriedPacket carried_by_vxlan(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                               tt_link link)
{
    constexpr std::size_t headers_bytes = 8 + 8; // UDP, VXLAN
    const std::uint8_t *begin = frame.data();
    tt_headers headers{};

    if (tt_find_headers(begin, begin + frame.size(), wire_length, link, &headers) != TT_PARSED ||
        headers.protocol != TT_PROTOCOL_UDP ||
        headers.transport_offset + headers_bytes > frame.size())
        return {};
    return part(frame, headers.transport_offset + headers_bytes, wire_length, true);
}

} // namespace tcptrace
