// SPDX-License-Identifier: Apache-2.0
#include "render/arp_line.h"

#include "render/dump.h"
#include "render/ip_line.h"
#include "render/link_names.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t fixed_bytes = 8;
constexpr std::size_t ipv4_bytes = 4;

enum class Operation : std::uint16_t { // IANA's names
    Request = 1,
    Reply = 2,
    ReverseRequest = 3,
    ReverseReply = 4,
    InverseRequest = 8,
    InverseReply = 9,
    Nak = 10,
};

struct Arp {
    std::uint16_t hardware = 0;
    std::uint16_t protocol = 0;
    Operation operation{};
    Bytes sender_hardware;
    Bytes sender;
    Bytes target_hardware;
    Bytes target;
};

Arp read_arp(Bytes arp)
{
    const std::size_t hardware = arp.u8(4);
    const std::size_t protocol = arp.u8(5);
    const Bytes ends = arp.from(fixed_bytes);

    return {.hardware = arp.u16(0),
            .protocol = arp.u16(2),
            .operation = Operation{arp.u16(6)},
            .sender_hardware = ends.first(hardware),
            .sender = ends.from(hardware).first(protocol),
            .target_hardware = ends.from(hardware + protocol).first(hardware),
            .target = ends.from(2 * hardware + protocol).first(protocol)};
}

std::string_view hardware_name(std::uint16_t hardware)
{
    switch (hardware) {
    case 1:
        return "Ethernet";
    case 6:
        return "TokenRing";
    case 7:
        return "ArcNet";
    case 15:
        return "FrameRelay";
    case 19:
        return "ATM";
    case 23:
        return "Strip";
    case 24:
        return "IEEE 1394";
    case 32:
        return "InfiniBand";
    default:
        return {};
    }
}

std::string_view operation_name(Operation operation)
{
    switch (operation) {
    case Operation::Request:
        return "Request";
    case Operation::Reply:
        return "Reply";
    case Operation::ReverseRequest:
        return "Reverse Request";
    case Operation::ReverseReply:
        return "Reverse Reply";
    case Operation::InverseRequest:
        return "Inverse Request";
    case Operation::InverseReply:
        return "Inverse Reply";
    case Operation::Nak:
        return "NACK Reply";
    default:
        return {};
    }
}

bool is_about_ipv4(const Arp &arp)
{
    constexpr std::uint16_t trailers = 0x1000; // RFC 893
    return arp.protocol == TT_ETHERTYPE_IPV4 || arp.protocol == trailers;
}

std::string protocol_address(const Arp &arp, Bytes address, const Names *names)
{
    if (!is_about_ipv4(arp))
        return "<wrong proto type>";
    if (address.size() != ipv4_bytes)
        return "<wrong len>";
    return host_text(address, names);
}

std::string hardware_address(Bytes address, const Names *names)
{
    std::string text;

    append_station(text, address, names);
    return text.empty() ? "<empty>" : text;
}

void append_kinds(std::string &out, const Arp &arp)
{
    const std::string_view hardware = hardware_name(arp.hardware);
    const std::string_view protocol = ethertype_name(arp.protocol);

    if (hardware.empty())
        put(out, "Unknown Hardware ({})", arp.hardware);
    else
        out += hardware;
    put(out, " (len {}), ", arp.sender_hardware.size());
    if (protocol.empty())
        put(out, "Unknown Protocol (0x{:04x})", arp.protocol);
    else
        out += protocol;
    put(out, " (len {})", arp.sender.size());
}

// False: an operation that is not known.
bool append_message(std::string &out, const Arp &arp, const Names *names)
{
    const auto is_set = [](std::uint8_t byte) { return byte != 0; };

    switch (arp.operation) {
    case Operation::Request:
        put(out, "who-has {}", protocol_address(arp, arp.target, names));
        if (std::ranges::any_of(arp.target_hardware.span(), is_set))
            put(out, " ({})", hardware_address(arp.target_hardware, names));
        put(out, " tell {}", protocol_address(arp, arp.sender, names));
        return true;
    case Operation::Reply:
        put(out, "{} is-at {}", protocol_address(arp, arp.sender, names),
            hardware_address(arp.sender_hardware, names));
        return true;
    case Operation::ReverseRequest:
    case Operation::InverseRequest:
        put(out, "who-is {} tell {}", hardware_address(arp.target_hardware, names),
            hardware_address(arp.sender_hardware, names));
        return true;
    case Operation::ReverseReply:
        put(out, "{} at {}", hardware_address(arp.target_hardware, names),
            protocol_address(arp, arp.target, names));
        return true;
    case Operation::InverseReply:
        put(out, "{} at {}", hardware_address(arp.sender_hardware, names),
            protocol_address(arp, arp.sender, names));
        return true;
    default:
        return false;
    }
}

} // namespace

LineEnd append_arp(std::string &out, Bytes bytes, std::uint32_t length, const LineOptions &options)
{
    const Arp arp = read_arp(bytes);
    const std::size_t whole = fixed_bytes + 2 * (std::size_t{bytes.u8(4)} + bytes.u8(5));
    const std::string_view operation = operation_name(arp.operation);
    const bool is_plain = is_about_ipv4(arp) && bytes.u8(5) == ipv4_bytes && bytes.u8(4) != 0;

    if (!bytes.has(fixed_bytes) || !bytes.has(whole))
        return cut_short(out, "arp");
    if (!options.link_header)
        out += "ARP, ";
    if (!is_plain || options.verbosity > 0)
        append_kinds(out, arp);
    if (is_plain || options.verbosity > 0) {
        if (options.verbosity > 0)
            out += ", ";
        if (operation.empty())
            put(out, "Unknown ({}) ", static_cast<unsigned>(arp.operation));
        else
            put(out, "{} ", operation);
        if (!append_message(out, arp, options.names)) {
            append_hex_ascii(out, bytes);
            return LineEnd::Whole;
        }
    }
    put(out, ", length {}", length);
    return LineEnd::Whole;
}

} // namespace tcptrace
