// SPDX-License-Identifier: Apache-2.0
#include "render/llc_line.h"

#include "render/dump.h"
#include "render/ethernet_line.h"
#include "render/ip_line.h"
#include "render/link_names.h"
#include "render/link_protocol.h"
#include "render/names.h"
#include "render/text.h"

#include <fmt/format.h>

#include <optional>

namespace tcptrace {

namespace {

constexpr std::uint8_t snap = 0xaa;
constexpr std::uint8_t ip = 0x06;           // RFC 948
constexpr std::uint8_t group_bit = 0x01;    // of the destination
constexpr std::uint8_t response_bit = 0x01; // of the source
constexpr std::uint16_t unnumbered_information = 0x03;
constexpr std::uint16_t exchange_identification = 0xaf;
constexpr std::uint16_t poll_bit = 0x10;       // in one byte of control
constexpr std::uint16_t long_poll_bit = 0x100; // in two, little-endian
constexpr std::uint32_t snap_bytes = 5;
constexpr std::uint32_t bridge_padding = 2; // RFC 2684 §5.2

struct LlcHeader {
    std::uint8_t destination = 0; // less the bits that are no part of the access point
    std::uint8_t source = 0;
    bool group = false;
    bool response = false;
    bool unnumbered = false;
    std::uint16_t control = 0;
    std::uint32_t bytes = 0;
};

LlcHeader read_header(Bytes llc)
{
    const bool unnumbered = (llc.u8(2) & 3) == 3;
    const int control = unnumbered ? llc.u8(2) : llc.u8(2) | llc.u8(3) << 8;
    return {.destination = static_cast<std::uint8_t>(llc.u8(0) & ~group_bit),
            .source = static_cast<std::uint8_t>(llc.u8(1) & ~response_bit),
            .group = (llc.u8(0) & group_bit) != 0,
            .response = (llc.u8(1) & response_bit) != 0,
            .unnumbered = unnumbered,
            .control = static_cast<std::uint16_t>(control),
            .bytes = unnumbered ? 3U : 4U};
}

// Both ends the same service, and no exchange but datagrams.
bool carries(const LlcHeader &header, std::uint8_t service)
{
    return header.destination == service && header.source == service &&
           header.control == unnumbered_information;
}

std::string_view command_name(std::uint8_t command)
{
    switch (command) {
    case 0x03:
        return "ui";
    case 0x0f:
        return "dm";
    case 0x43:
        return "disc";
    case 0x63:
        return "ua";
    case 0x6f:
        return "sabme";
    case 0x87:
        return "frmr";
    case 0xaf:
        return "xid";
    case 0xe3:
        return "test";
    default:
        return {};
    }
}

void append_link_header(std::string &out, const LlcHeader &header)
{
    put(out, "LLC, dsap {} (0x{:02x}) {}, ssap {} (0x{:02x}) {}, ctrl 0x{:0{}x}: ",
        or_unknown(access_point_name(header.destination)), header.destination,
        header.group ? "Group" : "Individual", or_unknown(access_point_name(header.source)),
        header.source, header.response ? "Response" : "Command", header.control,
        header.unnumbered ? 2 : 4);
}

std::string access_point_text(std::uint8_t access_point, std::string_view side)
{
    const std::string_view name = access_point_name(access_point);
    return name.empty() ? fmt::format("Unknown {} 0x{:02x}", side, access_point)
                        : std::string(name);
}

void append_ends(std::string &out, const LlcHeader &header, const LinkAddresses &ends,
                 const Names *names)
{
    const std::string to = access_point_text(header.destination, "DSAP");
    const bool same = header.source == header.destination;
    const bool has_addresses = ends.source.has(1);

    if (has_addresses) {
        append_station(out, ends.source, names);
        out += ' ';
    }
    if (!same)
        put(out, "{} ", access_point_text(header.source, "SSAP"));
    if (has_addresses || !same)
        out += "> ";
    if (has_addresses) {
        append_station(out, ends.destination, names);
        out += ' ';
    }
    put(out, "{} ", to);
}

std::string_view flags_text(const LlcHeader &header)
{
    const bool poll = header.control & (header.unnumbered ? poll_bit : long_poll_bit);
    if (poll)
        return header.response ? "Final" : "Poll";
    return header.response ? "Response" : "Command";
}

// What the sender wants of the other end's station, and the numbers of its frames.
void append_control(std::string &out, const LlcHeader &header, std::uint32_t length)
{
    constexpr std::string_view supervisory[] = {"Receiver Ready", "Receiver not Ready", "Reject",
                                                "?"};
    if (header.unnumbered) {
        const auto command = static_cast<std::uint8_t>(header.control & ~poll_bit);
        const std::string_view name = command_name(command);
        out += "Unnumbered, ";
        if (name.empty())
            put(out, "{:02x}", command);
        else
            out += name;
    } else if (header.control & 1) {
        put(out, "Supervisory, {}, rcv seq {}", supervisory[header.control >> 2 & 3],
            header.control >> 9);
    } else {
        put(out, "Information, send seq {}, rcv seq {}", header.control >> 1 & 0x7f,
            header.control >> 9);
    }
    put(out, ", Flags [{}], length {}", flags_text(header), length);
}

std::string_view snap_protocol_name(std::uint32_t oui, std::uint16_t protocol)
{
    switch (oui) {
    case 0x000000:
    case 0x0000f8: // Cisco bridged
    case 0x080007: // Appletalk
        return ethertype_name(protocol);
    case 0x00000c:
        return cisco_protocol_name(protocol);
    case 0x0080c2:
        return bridged_protocol_name(protocol);
    default:
        return {};
    }
}

void append_snap_header(std::string &out, std::uint32_t oui, std::uint16_t protocol,
                        std::uint32_t length)
{
    put(out, "oui {} (0x{:06x}), {} {} (0x{:04x}), length {}: ", or_unknown(vendor_name(oui)), oui,
        oui == 0 ? "ethertype" : "pid", or_unknown(snap_protocol_name(oui, protocol)), protocol,
        length);
}

std::optional<LineEnd> append_snap_payload(std::string &out, std::uint32_t oui,
                                           std::uint16_t protocol, Bytes payload,
                                           std::uint32_t length, const LineContext &context)
{
    constexpr std::uint16_t ethernet_with_sum = 1;
    constexpr std::uint16_t ethernet = 7;

    if (oui == 0x000000 || oui == 0x0000f8)
        return append_link_protocol(out, protocol, payload, length, context);
    if (oui == 0x0080c2 && (protocol == ethernet || protocol == ethernet_with_sum)) {
        if (length < bridge_padding || !payload.has(bridge_padding))
            return cut_short(out, "snap");
        return one_level_in(out, context, [&](const LineContext &inner) {
            return append_ethernet(out, payload.from(bridge_padding), length - bridge_padding,
                                   inner);
        });
    }
    return std::nullopt;
}

// False: the payload is not decoded.
std::optional<LineEnd> append_snap(std::string &out, Bytes bytes, std::uint32_t length,
                                   const LinkAddresses &ends, const LineContext &context)
{
    const std::uint32_t oui = bytes.u32(0) >> 8;
    const std::uint16_t protocol = bytes.u16(3);

    if (length < snap_bytes || !bytes.has(snap_bytes))
        return cut_short(out, "snap");
    const std::uint32_t rest = length - snap_bytes;
    if (context.options.link_header)
        append_snap_header(out, oui, protocol, rest);
    const auto end = append_snap_payload(out, oui, protocol, bytes.from(snap_bytes), rest, context);
    if (end || context.options.link_header)
        return end;
    if (ends.source.has(1)) {
        append_station(out, ends.source, context.options.names);
        out += " > ";
        append_station(out, ends.destination, context.options.names);
        out += ' ';
    }
    out += "SNAP, ";
    if (oui == 0)
        put(out, "ethertype {} (0x{:04x}), length {}: ", or_unknown(ethertype_name(protocol)),
            protocol, rest);
    else
        append_snap_header(out, oui, protocol, rest);
    return std::nullopt;
}

// What an exchange of identification says of the station; false if there is more.
bool append_identification(std::string &out, const LlcHeader &header, Bytes rest,
                           std::uint32_t length)
{
    constexpr std::uint8_t ieee_format = 0x81;

    if (!header.unnumbered || (header.control & ~poll_bit) != exchange_identification)
        return false;
    if (length == 0)
        return true;
    if (!rest.has(1) || (rest.u8(0) == ieee_format && (length < 3 || !rest.has(3)))) {
        cut_short(out, "llc");
        append_hex_ascii(out, rest);
        return true;
    }
    if (rest.u8(0) != ieee_format)
        return false;
    put(out, ": {:02x} {:02x}", rest.u8(1), rest.u8(2));
    return true;
}

} // namespace

LineEnd append_llc(std::string &out, Bytes llc, std::uint32_t length, const LinkAddresses &ends,
                   const LineContext &context)
{
    const LlcHeader header = read_header(llc);
    const Bytes rest = llc.from(header.bytes);

    if (length < 3 || !llc.has(3) || length < header.bytes || !llc.has(header.bytes)) {
        cut_short(out, "llc");
        append_hex_ascii(out, llc); // even with -q: tcpdump forgets to ask
        return LineEnd::Cut;
    }
    const std::uint32_t rest_length = length - header.bytes;
    if (context.options.link_header)
        append_link_header(out, header);
    if (carries(header, ip))
        return append_ipv4(out, rest, rest_length, context);
    if (carries(header, snap)) {
        const auto end = append_snap(out, rest, rest_length, ends, context);
        if (end)
            return *end;
        append_unknown_payload(out, llc, context.options);
        return LineEnd::Whole;
    }
    if (!context.options.link_header)
        append_ends(out, header, ends, context.options.names);
    append_control(out, header, length);
    const bool is_supervisory = !header.unnumbered && (header.control & 1);
    if (!is_supervisory && !append_identification(out, header, rest, rest_length))
        append_unknown_payload(out, llc, context.options);
    return LineEnd::Whole;
}

} // namespace tcptrace
