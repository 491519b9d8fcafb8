// SPDX-License-Identifier: Apache-2.0
#include "render/cooked.h"

#include "render/bytes.h"

#include <linux/if_arp.h>

#include <algorithm>
#include <span>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t cooked_bytes = 20;
constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t mac_bytes = 6;
constexpr std::size_t address_room = 8;

constexpr std::uint16_t ethertype_least = 0x0600; // IEEE 802.3: below it is a length
constexpr std::uint16_t protocol_802_3 = 0x0001;  // linux/if_ether.h's words for these
constexpr std::uint16_t protocol_802_2 = 0x0004;

std::size_t link_bytes(const PacketView &packet)
{
    return packet.link == TT_LINK_ETHERNET ? ethernet_bytes : 0;
}

// As the kernel's eth_type_trans() tells protocols apart.
std::uint16_t protocol_of(const PacketView &packet)
{
    const Bytes bytes(packet.bytes);
    if (packet.link == TT_LINK_RAW)
        return bytes.u8(0) >> 4 == 6 ? TT_ETHERTYPE_IPV6 : TT_ETHERTYPE_IPV4;
    const std::uint16_t type = bytes.u16(12);
    if (type >= ethertype_least)
        return type;
    return bytes.u16(ethernet_bytes) == 0xffff ? protocol_802_3 : protocol_802_2;
}

// Which kind of device is not told with a packet. Only the loopback device has frames from
// nobody to nobody.
std::uint16_t device_type(const PacketView &packet)
{
    if (packet.link == TT_LINK_RAW)
        return ARPHRD_NONE;
    const auto macs = Bytes(packet.bytes).first(2 * mac_bytes).span();
    const bool nobody = std::ranges::all_of(macs, [](std::uint8_t byte) { return byte == 0; });
    return nobody ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
}

class Header {
public:
    void add(std::uint32_t number, unsigned bytes)
    {
        while (bytes-- > 0)
            bytes_.push_back(static_cast<std::uint8_t>(number >> (8 * bytes)));
    }
    void add(std::span<const std::uint8_t> bytes)
    {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
    std::vector<std::uint8_t> bytes_;
};

} // namespace

int cooked_growth(const PacketView &packet)
{
    return static_cast<int>(cooked_bytes) - static_cast<int>(link_bytes(packet));
}

std::vector<std::uint8_t> cook(const PacketView &packet)
{
    const Bytes bytes(packet.bytes);
    const bool has_mac = packet.link == TT_LINK_ETHERNET;
    Header cooked;

    cooked.add(protocol_of(packet), 2);
    cooked.add(0, 2); // reserved
    cooked.add(packet.ifindex, 4);
    cooked.add(device_type(packet), 2);
    cooked.add(packet.way == TT_OUT ? TT_CAST_OUTGOING : packet.cast, 1);
    cooked.add(has_mac ? mac_bytes : 0, 1);
    for (std::size_t i = 0; i < address_room; i++)
        cooked.add(has_mac && i < mac_bytes ? bytes.u8(mac_bytes + i) : 0, 1);
    cooked.add(bytes.from(link_bytes(packet)).span());
    return cooked.take();
}

} // namespace tcptrace
