// SPDX-License-Identifier: Apache-2.0
// Names in the place of numbers, as tcpdump prints them without -n: of hosts, ports, IP's
// protocols, and the vendors of network cards. Without Names numbers are printed. Who looks
// names up, and when, is sink/name_book.h's.
#pragma once

#include "render/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tcptrace {

class Names {
public:
    Names() = default;
    Names(const Names &) = delete;
    Names &operator=(const Names &) = delete;
    virtual ~Names() = default;

    // Empty for what has no name, or none yet. `address`: 4 or 16 bytes.
    [[nodiscard]] virtual std::string host(Bytes address) const = 0;
    [[nodiscard]] virtual std::string_view service(std::uint8_t protocol,
                                                   std::uint16_t port) const = 0;
};

// The name, or the number.
[[nodiscard]] std::string host_text(Bytes address, const Names *names);
[[nodiscard]] std::string port_text(std::uint16_t port, std::uint8_t protocol, const Names *names);
[[nodiscard]] std::string protocol_word(std::uint8_t protocol, const Names *names);
// A hardware address of any length; with names, "Broadcast" or its vendor behind it.
void append_station(std::string &out, Bytes address, const Names *names);

} // namespace tcptrace
