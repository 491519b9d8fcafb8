// SPDX-License-Identifier: Apache-2.0
#include "source/read_frame.h"

#include <tcptrace/read_segment.h>
#include <tcptrace/tunnel.h>

namespace tcptrace {

int read_frame(std::span<const std::uint8_t> frame, std::uint32_t wire_length, tt_link link,
               tt_packet &packet)
{
    const std::uint8_t *begin = frame.data();
    const std::uint8_t *end = begin + frame.size();
    tt_headers headers{};
    int result = tt_find_headers(begin, end, wire_length, link, &headers);

    result = tt_find_inner_headers(begin, end, wire_length, &headers, result);
    if (result != TT_PARSED)
        return result;
    tt_gate(&headers, end, &result);
    return result == TT_PARSED ? tt_read_packet(&headers, end, &packet) : result;
}

bool is_in_tunnel(std::span<const std::uint8_t> frame, std::uint32_t wire_length, tt_link link)
{
    const std::uint8_t *begin = frame.data();
    const std::uint8_t *end = begin + frame.size();
    tt_headers headers{};
    const int result = tt_find_headers(begin, end, wire_length, link, &headers);
    const tt_u16 outermost = headers.network_offset;

    if (result != TT_PARSED) // not IP: MPLS and PPPoE have words of their own in filters
        return false;
    static_cast<void>(tt_find_inner_headers(begin, end, wire_length, &headers, result));
    return headers.network_offset != outermost;
}

} // namespace tcptrace
