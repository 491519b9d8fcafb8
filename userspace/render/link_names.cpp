// SPDX-License-Identifier: Apache-2.0
#include "render/link_names.h"

#include "render/text.h"

#include <algorithm>
#include <array>
#include <span>

namespace tcptrace {

namespace {

template <typename Number>
struct Named {
    Number number;
    std::string_view name;
};

constexpr std::array<Named<std::uint16_t>, 50> ethertypes{{
    {0x0600, "NS"},
    {0x0707, "GeoNet (old)"},
    {0x0800, "IPv4"},
    {0x0806, "ARP"},
    {0x1000, "Trail"},
    {0x1111, "CALM FAST"},
    {0x6001, "MOP DL"},
    {0x6002, "MOP RC"},
    {0x6003, "DN"},
    {0x6004, "LAT"},
    {0x6007, "SCA"},
    {0x6558, "TEB"},
    {0x8035, "Reverse ARP"},
    {0x8038, "Lanbridge"},
    {0x803c, "DEC DNS"},
    {0x803e, "DEC DTS"},
    {0x805b, "VEXP"},
    {0x805c, "VPROD"},
    {0x809b, "Appletalk"},
    {0x80f3, "Appletalk ARP"},
    {0x8100, "802.1Q"},
    {0x8137, "IPX"},
    {0x86dd, "IPv6"},
    {0x8808, "MPCP"},
    {0x8809, "Slow Protocols"},
    {0x880b, "PPP"},
    {0x8847, "MPLS unicast"},
    {0x8848, "MPLS multicast"},
    {0x8863, "PPPoE D"},
    {0x8864, "PPPoE S"},
    {0x886f, "MS NLB heartbeat"},
    {0x8870, "Jumbo"},
    {0x888e, "EAPOL"},
    {0x8899, "Realtek protocols"},
    {0x88a2, "AoE"},
    {0x88a8, "802.1Q-QinQ"},
    {0x88ca, "TIPC"},
    {0x88cc, "LLDP"},
    {0x88e5, "802.1AE MACsec"},
    {0x88f7, "PTP"},
    {0x8902, "CFM"},
    {0x893a, "IEEE1905.1"},
    {0x8947, "GeoNet"},
    {0x894f, "NSH"},
    {0x9000, "Loopback"},
    {0x9100, "802.1Q-9100"},
    {0x9200, "802.1Q-9200"},
    {0xabcd, "CFM (old)"},
    {0xd28b, "Arista Vendor Specific Protocol"},
    {0xfefe, "OSI"},
}};

constexpr std::array<Named<std::uint8_t>, 15> access_points{{
    {0x00, "Null"},
    {0x02, "802.1B I"},
    {0x03, "802.1B G"},
    {0x04, "SNA"},
    {0x06, "IP"},
    {0x0e, "ProWay NM"},
    {0x42, "STP"},
    {0x4e, "RS511"},
    {0x7e, "ISO8208"},
    {0x8e, "ProWay"},
    {0xaa, "SNAP"},
    {0xe0, "IPX"},
    {0xf0, "NetBeui"},
    {0xfe, "OSI"},
    {0xff, "Global"},
}};

constexpr std::array<Named<std::uint32_t>, 19> vendors{{
    {0x000000, "Ethernet"},
    {0x00000c, "Cisco"},
    {0x00005e, "IANA"},
    {0x000081, "Nortel Networks SONMP"},
    {0x0000f8, "Cisco bridged"},
    {0x0004ea, "HP-Labs"},
    {0x00120f, "IEEE 802.3 Private"},
    {0x0012bb, "ANSI/TIA"},
    {0x001b21, "DCBX"},
    {0x002320, "Nicira Networks"},
    {0x002481, "HP"},
    {0x0080c2, "Ethernet bridged"},
    {0x009069, "Juniper"},
    {0x00a03e, "ATM Forum"},
    {0x00e02f, "DOCSIS Spanning Tree"},
    {0x080007, "Appletalk"},
    {0x080009, "Hewlett-Packard"},
    {0x5c16c7, "Big Switch Networks"},
    {0xb0d2f5, "Vello Systems"},
}};

constexpr std::array<Named<std::uint16_t>, 6> cisco_protocols{{
    {0x010b, "PVST"},
    {0x010c, "VLAN Bridge"},
    {0x0111, "UDLD"},
    {0x2000, "CDP"},
    {0x2003, "VTP"},
    {0x2004, "DTP"},
}};

constexpr std::array<Named<std::uint16_t>, 11> bridged_protocols{{
    {0x0001, "Ethernet + FCS"},
    {0x0002, "802.4 + FCS"},
    {0x0003, "Token Ring + FCS"},
    {0x0004, "FDDI + FCS"},
    {0x0007, "Ethernet w/o FCS"},
    {0x0008, "802.4 w/o FCS"},
    {0x0009, "Token Ring w/o FCS"},
    {0x000a, "FDDI w/o FCS"},
    {0x000b, "802.6 + FCS"},
    {0x000d, "802.6 w/o FCS"},
    {0x000e, "BPDU"},
}};

template <typename Number, std::size_t count>
std::string_view name_of(const std::array<Named<Number>, count> &names, Number number)
{
    const auto found = std::ranges::find(names, number, &Named<Number>::number);
    return found == names.end() ? std::string_view{} : found->name;
}

} // namespace

std::string_view ethertype_name(std::uint16_t ethertype)
{
    return name_of(ethertypes, ethertype);
}

std::string_view access_point_name(std::uint8_t access_point)
{
    return name_of(access_points, access_point);
}

std::string_view vendor_name(std::uint32_t oui)
{
    return name_of(vendors, oui);
}

std::string_view cisco_protocol_name(std::uint16_t pid)
{
    return name_of(cisco_protocols, pid);
}

std::string_view bridged_protocol_name(std::uint16_t pid)
{
    return name_of(bridged_protocols, pid);
}

std::string_view or_unknown(std::string_view name)
{
    return name.empty() ? "Unknown" : name;
}

void append_mac(std::string &out, Bytes address)
{
    for (std::size_t i = 0; i < address.size(); i++)
        put(out, "{}{:02x}", i ? ":" : "", address.u8(i));
}

void append_ethertype(std::string &out, std::uint16_t ethertype, bool quick)
{
    const std::string_view name = ethertype_name(ethertype);

    if (!quick)
        put(out, "ethertype {} (0x{:04x})", or_unknown(name), ethertype);
    else if (name.empty())
        put(out, "Unknown Ethertype (0x{:04x})", ethertype);
    else
        out += name;
}

} // namespace tcptrace
