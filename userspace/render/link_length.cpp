// SPDX-License-Identifier: Apache-2.0
#include "render/link_length.h"

#include "render/bytes.h"

#include <tcptrace/parse.h>

namespace tcptrace {

std::size_t link_length(const PacketView &packet)
{
    constexpr std::size_t tag_size = 4;
    const std::uint8_t *begin = packet.bytes.data();
    const Bytes bytes(packet.bytes);
    std::uint16_t ethertype = 0;
    std::size_t length =
        tt_link_header(begin, begin + packet.bytes.size(), packet.link, &ethertype);

    if (packet.link != TT_LINK_ETHERNET)
        return length;
    while (tt_is_vlan(ethertype) && bytes.has(length + tag_size)) {
        ethertype = bytes.u16(length + 2);
        length += tag_size;
    }
    return length;
}

} // namespace tcptrace
