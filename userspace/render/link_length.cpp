// SPDX-License-Identifier: Apache-2.0
#include "render/link_length.h"

#include "render/bytes.h"
#include "render/ethernet_line.h"

#include <tcptrace/parse.h>

namespace tcptrace {

namespace {

constexpr std::size_t tag_size = 4;

// 802.2, and SNAP behind it.
std::size_t llc_length(Bytes llc)
{
    constexpr std::size_t snap_size = 5;
    constexpr std::uint32_t snap = 0xaaaa03;
    const std::size_t header = (llc.u8(2) & 3) == 3 ? 3 : 4;

    if (!llc.has(header))
        return llc.size();
    return header + (llc.u32(0) >> 8 == snap ? snap_size : 0);
}

} // namespace

std::size_t link_length(const PacketView &packet)
{
    const std::uint8_t *begin = packet.bytes.data();
    const bool is_ethernet = packet.link == TT_LINK_ETHERNET;
    const Bytes bytes(packet.bytes);
    std::uint16_t ethertype = 0;
    std::size_t length =
        tt_link_header(begin, begin + packet.bytes.size(), packet.link, &ethertype);

    if (is_ethernet && length == 0)
        return bytes.size(); // cut within the header: there is nothing behind it
    while (is_ethernet ? is_vlan_tag(ethertype) : ethertype == TT_ETHERTYPE_VLAN) {
        if (!bytes.has(length + tag_size))
            return bytes.size();
        ethertype = bytes.u16(length + 2);
        length += tag_size;
    }
    if (is_ethernet && (ethertype <= frame_length_max || ethertype == jumbo_frame))
        length += llc_length(bytes.from(length));
    return length;
}

} // namespace tcptrace
