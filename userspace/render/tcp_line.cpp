// SPDX-License-Identifier: Apache-2.0
#include "render/tcp_line.h"

#include "render/checksum.h"
#include "render/dns_line.h"
#include "render/sequence_numbers.h"
#include "render/tcp_options.h"
#include "render/text.h"
#include "render/text_protocol.h"

#include <tcptrace/parse.h>
#include <tcptrace/segment.h>

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::size_t reset_text_max = 30;

// RFC 9293 §3.5.3 lets a reset carry text that says why.
void append_reset_text(std::string &out, Bytes payload, std::size_t length)
{
    out += payload.has(length) ? " [RST" : " [!RST";
    if (length > reset_text_max)
        out += '+';
    out += ' ';
    append_safe(out, payload.first(std::min(length, reset_text_max)).span());
    out += ']';
}

void append_checksum(std::string &out, Bytes tcp, const IpContext &ip)
{
    const std::uint16_t held = tcp.u16(16);
    const std::uint16_t wrong = checksum_finish(checksum_add(ip.pseudo_sum, tcp.first(ip.length)));

    put(out, ", cksum 0x{:04x}", held);
    if (wrong == 0)
        out += " (correct)";
    else
        put(out, " (incorrect -> 0x{:04x})", checksum_should_be(held, wrong));
}

// Only segments with ACK are printed relative to others.
SequenceOrigin origin_of(Bytes tcp, const IpContext &ip, const LineContext &context)
{
    const std::uint8_t flags = tcp.u8(13);

    if (context.options.absolute_sequence || !(flags & TT_ACK))
        return {};
    if (context.printed == nullptr)
        return context.origin;
    return context.printed->origin_of({.addresses = ip.addresses,
                                       .source_port = tcp.u16(0),
                                       .destination_port = tcp.u16(2),
                                       .flags = flags,
                                       .sequence = tcp.u32(4),
                                       .ack = tcp.u32(8)});
}

void append_numbers(std::string &out, Bytes tcp, std::uint32_t length, const SequenceOrigin &origin,
                    const LineContext &context)
{
    const std::uint8_t flags = tcp.u8(13);
    const bool relative = origin.relative;
    const std::uint32_t sequence = tcp.u32(4) - (relative ? origin.sequence : 0);

    if (context.options.verbosity > 1 || length > 0 || (flags & (TT_SYN | TT_FIN | TT_RST))) {
        put(out, ", seq {}", sequence);
        if (length > 0)
            put(out, ":{}", sequence + length);
    }
    if (flags & TT_ACK)
        put(out, ", ack {}", tcp.u32(8) - (relative ? origin.ack : 0));
    put(out, ", win {}", tcp.u16(14));
    if (flags & TT_URG)
        put(out, ", urg {}", tcp.u16(18));
}

LineEnd append_payload(std::string &out, Bytes tcp, std::uint32_t header, std::uint32_t length,
                       const LineContext &context)
{
    constexpr std::uint16_t dns_port = 53;
    const std::array<std::uint16_t, 2> ports{tcp.u16(0), tcp.u16(2)};
    const Bytes payload = tcp.from(header).first(length);
    const int verbosity = context.options.verbosity;

    if (!tcp.has(header)) {
        put(out, " [remaining caplen({}) < header length({})]", tcp.size(), header);
        return cut_short(out, "tcp");
    }
    if ((tcp.u8(13) & TT_RST) && verbosity > 0)
        append_reset_text(out, payload, length);
    else if (!append_text_protocol(out, payload, length, ports, verbosity) &&
             std::ranges::find(ports, dns_port) != ports.end())
        return append_dns_over_tcp(out, payload, length, context);
    return LineEnd::Whole;
}

} // namespace

void append_tcp_flags(std::string &out, std::uint8_t flags)
{
    struct Letter {
        std::uint8_t flag;
        char letter;
    };
    constexpr std::array letters{Letter{TT_FIN, 'F'}, Letter{TT_SYN, 'S'}, Letter{TT_RST, 'R'},
                                 Letter{TT_PSH, 'P'}, Letter{TT_ACK, '.'}, Letter{TT_URG, 'U'},
                                 Letter{TT_ECE, 'E'}, Letter{TT_CWR, 'W'}};

    if (flags == 0)
        out += "none";
    for (const Letter &letter : letters)
        if (flags & letter.flag)
            out += letter.letter;
}

LineEnd append_tcp(std::string &out, Bytes tcp, const IpContext &ip, const LineContext &context)
{
    if (!tcp.has(4)) {
        if (!ip.source.empty())
            put(out, "{} > {}:", ip.source, ip.destination);
        return cut_short(out, "tcp");
    }
    append_ends(out, tcp, TT_PROTOCOL_TCP, ip, context.options.names);
    if (!tcp.has(TT_TCP_HEADER_MIN))
        return cut_short(out, "tcp");
    const std::uint32_t header = static_cast<std::uint32_t>(tcp.u8(12) >> 4) * 4;
    const std::uint8_t flags = tcp.u8(13);
    if (header < TT_TCP_HEADER_MIN) {
        put(out, " tcp {} [bad hdr length {} - too short, < 20]", ip.length - header, header);
        return LineEnd::Whole;
    }
    if (context.options.quick) {
        put(out, "tcp {}", ip.length - header);
        if (header > ip.length)
            put(out, " [bad hdr length {} - too long, > {}]", header, ip.length);
        return LineEnd::Whole;
    }
    out += "Flags [";
    append_tcp_flags(out, flags);
    out += ']';
    const SequenceOrigin origin = origin_of(tcp, ip, context);
    if (header > ip.length) {
        put(out, " [bad hdr length {} - too long, > {}]", header, ip.length);
        return LineEnd::Whole;
    }
    if (context.options.verbosity > 0 && context.options.judges_checksums && !ip.fragmented &&
        tcp.has(ip.length))
        append_checksum(out, tcp, ip);

    const std::uint32_t length = ip.length - header;
    append_numbers(out, tcp, length, origin, context);
    if (header > TT_TCP_HEADER_MIN) {
        out += ", options [";
        // SACK edges lie in the sequence space that this end acknowledges; tcpdump takes its
        // origin off even where the segment's own numbers are printed as they stand.
        const OptionsEnd end =
            append_tcp_options(out, tcp.from(TT_TCP_HEADER_MIN), header - TT_TCP_HEADER_MIN, flags,
                               origin.ack, tcp.has(ip.length));
        if (end == OptionsEnd::Malformed)
            return LineEnd::Whole;
        if (end == OptionsEnd::Cut)
            return LineEnd::Cut;
    }
    put(out, ", length {}", length);
    return length > 0 ? append_payload(out, tcp, header, length, context) : LineEnd::Whole;
}

} // namespace tcptrace
