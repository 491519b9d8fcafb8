// SPDX-License-Identifier: Apache-2.0
// ICMP errors (IPv4) as tcpdump prints them, with -v the packet they quote.
#include "render/checksum.h"
#include "render/ip_line.h"
#include "render/text.h"

#include <tcptrace/read_segment.h>

#include <array>

namespace tcptrace {

namespace {

constexpr std::size_t icmp_header = 8;
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

// False: the port is not in what was captured.
bool append_port_unreachable(std::string &out, Bytes quoted, const std::string &destination)
{
    const std::size_t header = static_cast<std::size_t>(quoted.u8(0) & 0x0f) * 4;
    const std::uint8_t protocol = quoted.u8(9);

    if (!quoted.has(header + 4))
        return false;
    const std::uint16_t port = quoted.u16(header + 2);
    if (protocol == TT_PROTOCOL_TCP)
        put(out, "{} tcp port {} unreachable", destination, port);
    else if (protocol == 17)
        put(out, "{} udp port {} unreachable", destination, port);
    else
        put(out, "{} protocol {} port {} unreachable", destination, protocol, port);
    return true;
}

bool append_unreachable(std::string &out, Bytes icmp)
{
    const Bytes quoted = icmp.from(icmp_header);
    const std::uint8_t code = icmp.u8(1);
    const std::string destination = address_text(quoted.from(16).first(4));

    switch (code) {
    case code_protocol:
        put(out, "{} protocol {} unreachable", destination, quoted.u8(9));
        break;
    case code_port:
        return append_port_unreachable(out, quoted, destination);
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

void append_time_exceeded(std::string &out, std::uint8_t code)
{
    if (code == 0)
        out += "time exceeded in-transit";
    else if (code == 1)
        out += "ip reassembly time exceeded";
    else
        put(out, "time exceeded-#{}", code);
}

} // namespace

LineEnd append_icmp(std::string &out, Bytes icmp, std::uint32_t length, const LineContext &context)
{
    const Bytes quoted = icmp.from(icmp_header);
    const std::size_t start = out.size();

    if (!quoted.has(20))
        return cut_short(out, "icmp");
    out += "ICMP ";
    if (icmp.u8(0) == TT_ICMP_UNREACHABLE) {
        if (!append_unreachable(out, icmp)) {
            out.resize(start);
            return cut_short(out, "icmp");
        }
    } else if (icmp.u8(0) == TT_ICMP_TIME_EXCEEDED) {
        append_time_exceeded(out, icmp.u8(1));
    } else {
        put(out, "type-#{}", icmp.u8(0));
    }
    put(out, ", length {}", length);
    if (context.options.verbosity == 0)
        return LineEnd::Whole;
    if (icmp.has(length)) {
        const std::uint16_t wrong = checksum_finish(checksum_add(0, icmp.first(length)));
        if (wrong != 0)
            put(out, " (wrong icmp cksum {:x} (->{:x})!)", icmp.u16(2),
                checksum_should_be(icmp.u16(2), wrong));
    }
    out += "\n\t";
    return append_ip(out, quoted, quoted.u16(2), context);
}

} // namespace tcptrace
