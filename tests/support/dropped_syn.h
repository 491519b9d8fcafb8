// SPDX-License-Identifier: Apache-2.0
// Packets to ask the firewall's rules about.
#pragma once

#include "host/dropped_packet.h"

#include <tcptrace/segment.h>

#include <arpa/inet.h>

#include <cstdint>
#include <string>

namespace tcptrace::test {

inline Endpoint endpoint(const std::string &address, std::uint16_t port)
{
    Endpoint end;
    end.port = port;
    if (inet_pton(AF_INET6, address.c_str(), end.address.raw.bytes) == 1) {
        end.address.family = TT_IPV6;
        return end;
    }
    end.address.raw.bytes[10] = end.address.raw.bytes[11] = 0xff;
    inet_pton(AF_INET, address.c_str(), end.address.raw.bytes + 12);
    return end;
}

// A SYN from port 1500, the first packet of a connection.
inline DroppedPacket syn(const std::string &from, const std::string &to, std::uint16_t port)
{
    return {.source = endpoint(from, 1500),
            .destination = endpoint(to, port),
            .tcp_flags = TT_SYN,
            .conntrack = conntrack_new};
}

} // namespace tcptrace::test
