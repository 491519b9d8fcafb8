// SPDX-License-Identifier: Apache-2.0
// What ICMP (IPv4) says of a packet that could not be delivered, or should go elsewhere.
#include "render/icmp_line.h"
#include "render/ip_line.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/read_segment.h>

#include <array>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t icmp_header = 8;
constexpr std::uint8_t protocol_udp = 17;
constexpr std::uint8_t code_protocol = 2;
constexpr std::uint8_t code_port = 3;
constexpr std::uint8_t code_fragmentation = 4;

// What comes before and behind the address that could not be reached.
struct Words {
    std::string_view before;
    std::string_view after;
};

constexpr std::array<Words, 16> unreachable{{
    {"net ", " unreachable"},
    {"host ", " unreachable"},
    {"", ""}, // protocol
    {"", ""}, // port
    {"", ""}, // fragmentation needed
    {"", " unreachable - source route failed"},
    {"net ", " unreachable - unknown"},
    {"host ", " unreachable - unknown"},
    {"", " unreachable - source host isolated"},
    {"net ", " unreachable - admin prohibited"},
    {"host ", " unreachable - admin prohibited"},
    {"net ", " unreachable - tos prohibited"},
    {"host ", " unreachable - tos prohibited"},
    {"host ", " unreachable - admin prohibited filter"},
    {"host ", " unreachable - host precedence violation"},
    {"host ", " unreachable - precedence cutoff"},
}};

constexpr std::array<Words, 4> redirected{{
    {"redirect ", " to net "},
    {"redirect ", " to host "},
    {"redirect-tos ", " to net "},
    {"redirect-tos ", " to host "},
}};

std::string quoted_destination(Bytes icmp, const Names *names)
{
    return host_text(icmp.from(icmp_header + 16).first(4), names);
}

bool append_port_unreachable(std::string &out, Bytes quoted, const std::string &destination,
                             const Names *names)
{
    const std::size_t header = static_cast<std::size_t>(quoted.u8(0) & 0x0f) * 4;
    const std::uint8_t protocol = quoted.u8(9);

    if (!quoted.has(header + 4))
        return false;
    const std::uint16_t port = quoted.u16(header + 2);
    if (protocol == TT_PROTOCOL_TCP)
        put(out, "{} tcp port {} unreachable", destination, port_text(port, protocol, names));
    else if (protocol == protocol_udp)
        put(out, "{} udp port {} unreachable", destination, port_text(port, protocol, names));
    else
        put(out, "{} protocol {} port {} unreachable", destination, protocol, port);
    return true;
}

} // namespace

bool append_icmp_unreachable(std::string &out, Bytes icmp, const Names *names)
{
    const Bytes quoted = icmp.from(icmp_header);
    const std::uint8_t code = icmp.u8(1);
    const std::string destination = quoted_destination(icmp, names);

    if (!quoted.has(20))
        return false;
    switch (code) {
    case code_protocol:
        put(out, "{} protocol {} unreachable", destination, quoted.u8(9));
        break;
    case code_port:
        return append_port_unreachable(out, quoted, destination, names);
    case code_fragmentation:
        put(out, "{} unreachable - need to frag", destination);
        if (icmp.u16(6) != 0)
            put(out, " (mtu {})", icmp.u16(6));
        break;
    default:
        if (code < unreachable.size())
            put(out, "{}{}{}", unreachable[code].before, destination, unreachable[code].after);
        else
            put(out, "{} unreachable - #{}", destination, code);
    }
    return true;
}

bool append_icmp_redirect(std::string &out, Bytes icmp, const Names *names)
{
    const std::uint8_t code = icmp.u8(1);
    const std::string destination = quoted_destination(icmp, names);
    const std::string gateway = host_text(icmp.from(4).first(4), names);

    if (!icmp.has(icmp_header + 20))
        return false;
    if (code < redirected.size())
        put(out, "{}{}{}{}", redirected[code].before, destination, redirected[code].after, gateway);
    else
        put(out, "redirect-#{} {} to {}", code, destination, gateway);
    return true;
}

} // namespace tcptrace
