// SPDX-License-Identifier: Apache-2.0
// IPv6 packets that carry TCP or an ICMPv6 error.
#include "render/checksum.h"
#include "render/ip_line.h"
#include "render/ipv6_extensions.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

namespace tcptrace {

namespace {

constexpr std::uint32_t ipv6_header = 40;

void append_header(std::string &out, Bytes packet)
{
    const std::uint32_t flow = packet.u32(0);

    out += '(';
    if (flow & 0x0ff00000)
        put(out, "class 0x{:02x}, ", (flow & 0x0ff00000) >> 20);
    if (flow & 0x000fffff)
        put(out, "flowlabel 0x{:05x}, ", flow & 0x000fffff);
    put(out, "hlim {}, next-header {} ({}) payload length: {}) ", packet.u8(7),
        protocol_name(packet.u8(6)), packet.u8(6), packet.u16(4));
}

} // namespace

LineEnd append_ipv6(std::string &out, Bytes packet, std::uint32_t length,
                    const LineContext &context)
{
    if (!packet.has(ipv6_header))
        return cut_short(out, "ip6");
    if (length < ipv6_header) {
        put(out, "truncated-ip6 {}", length);
        return LineEnd::Whole;
    }
    if (!context.options.link_header)
        out += "IP6 ";
    if (packet.u8(0) >> 4 != 6) {
        put(out, "version error: {} != 6", packet.u8(0) >> 4);
        return LineEnd::Whole;
    }
    // A payload length of 0 is a jumbogram or what segmentation offload left out.
    const std::uint32_t total = packet.u16(4) != 0 ? packet.u16(4) + ipv6_header : length;
    if (length < total)
        put(out, "truncated-ip6 - {} bytes missing!", total - length);
    if (context.options.verbosity > 0)
        append_header(out, packet);

    const Bytes whole = packet.first(total);
    const std::string source = host_text(packet.from(8).first(16), context.options.names);
    const std::string destination = host_text(packet.from(24).first(16), context.options.names);
    const bool direct = prints_own_ends(packet.u8(6));
    if (!direct)
        put(out, "{} > {}: ", source, destination);
    const Ipv6Upper upper = append_ipv6_extensions(out, whole, total, context.options);
    if (!upper.whole || upper.offset > total)
        return cut_short(out, "ip6");
    if (upper.ends_here)
        return LineEnd::Whole;
    const std::uint32_t upper_length = total - upper.offset;
    const IpContext ip{.source = direct ? source : std::string_view{},
                       .destination = direct ? destination : std::string_view{},
                       .addresses = packet.from(8).first(32),
                       .length = upper_length,
                       .pseudo_sum = pseudo_header_sum(packet.from(8).first(16), upper.destination,
                                                       upper.protocol, upper_length),
                       .ipv6 = true,
                       .fragmented = upper.fragmented};
    return append_ip_protocol(out, upper.protocol, whole.from(upper.offset), ip, context);
}

} // namespace tcptrace
