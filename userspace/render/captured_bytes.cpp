// SPDX-License-Identifier: Apache-2.0
#include "render/captured_bytes.h"

#include "render/cooked.h"

#include <algorithm>

namespace tcptrace {

std::uint32_t link_type_of(tt_link link)
{
    switch (link) {
    case TT_LINK_ETHERNET:
        return LINKTYPE_ETHERNET;
    case TT_LINK_RAW:
        return LINKTYPE_RAW;
    case TT_LINK_SLL:
        return LINKTYPE_LINUX_SLL;
    case TT_LINK_SLL2:
        return LINKTYPE_LINUX_SLL2;
    case TT_LINK_LOOPBACK:
        break;
    }
    return LINKTYPE_NULL;
}

CapturedBytes::CapturedBytes(const PacketView &packet, std::uint32_t link_type,
                             std::uint32_t snaplen)
    : bytes_(packet.bytes), wire_length_(packet.wire_length)
{
    const bool cookable = packet.link == TT_LINK_ETHERNET || packet.link == TT_LINK_RAW;
    if (link_type == LINKTYPE_LINUX_SLL2 && cookable) {
        cooked_ = cook(packet);
        bytes_ = cooked_;
        // Of a frame cut within its link header nothing is left, but for the header made of it.
        const auto longer = static_cast<std::int64_t>(cooked_growth(packet));
        wire_length_ = static_cast<std::uint32_t>(
            std::max<std::int64_t>(wire_length_ + longer, captured_length()));
    }
    if (snaplen != 0)
        bytes_ = bytes_.first(std::min<std::size_t>(bytes_.size(), snaplen));
}

} // namespace tcptrace
