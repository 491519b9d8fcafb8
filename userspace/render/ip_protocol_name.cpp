// SPDX-License-Identifier: Apache-2.0
// The names of IP's protocols as tcpdump's -v has them.
#include "render/ip_line.h"

namespace tcptrace {

std::string_view protocol_name(std::uint8_t protocol)
{
    switch (protocol) {
    case 0:
        return "Options";
    case 1:
        return "ICMP";
    case 2:
        return "IGMP";
    case 4:
        return "IPIP";
    case 6:
        return "TCP";
    case 8:
        return "EGP";
    case 9:
        return "IGRP";
    case 17:
        return "UDP";
    case 33:
        return "DCCP";
    case 41:
        return "IPv6";
    case 43:
        return "Routing";
    case 44:
        return "Fragment";
    case 46:
        return "RSVP";
    case 47:
        return "GRE";
    case 50:
        return "ESP";
    case 51:
        return "AH";
    case 55:
        return "Mobile IP";
    case 58:
        return "ICMPv6";
    case 62:
        return "Mobile IP (old)";
    case 88:
        return "EIGRP";
    case 89:
        return "OSPF";
    case 103:
        return "PIM";
    case 108:
        return "Compressed IP";
    case 112:
        return "VRRP";
    case 113:
        return "PGM";
    case 132:
        return "SCTP";
    case 135:
        return "Mobility";
    case 143:
        return "Ethernet";
    default:
        return "unknown";
    }
}

} // namespace tcptrace
