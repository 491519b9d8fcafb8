// SPDX-License-Identifier: Apache-2.0
#include "render/pcapng_format.h"

#include "render/captured_bytes.h"
#include "render/pcapng_block.h"

namespace tcptrace {

namespace {

// Blocks and options by the draft's numbers.
constexpr std::uint32_t section_header = 0x0a0d0d0a;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t interface_statistics = 5;
constexpr std::uint32_t enhanced_packet = 6;

constexpr std::uint16_t opt_comment = 1;
constexpr std::uint16_t shb_os = 3;
constexpr std::uint16_t shb_userappl = 4;
constexpr std::uint16_t if_name = 2;
constexpr std::uint16_t if_tsresol = 9;
constexpr std::uint16_t epb_flags = 2;
constexpr std::uint16_t isb_ifrecv = 4;
constexpr std::uint16_t isb_ifdrop = 5;
constexpr std::uint16_t isb_usrdeliv = 8;

constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint8_t nanoseconds = 9; // 10^-9 s

// epb_flags: bits 0-1 the way, 2-4 for whom it was.
std::uint32_t flags_of(const PacketView &packet)
{
    constexpr std::uint32_t inbound = 1;
    constexpr std::uint32_t outbound = 2;
    if (packet.way == TT_OUT)
        return outbound;
    switch (packet.cast) {
    case TT_CAST_MULTICAST:
        return inbound | 2U << 2;
    case TT_CAST_BROADCAST:
        return inbound | 3U << 2;
    case TT_CAST_OTHER: // only seen in promiscuous mode
        return inbound | 4U << 2;
    default:
        return inbound | 1U << 2;
    }
}

void append_time(PcapngBlock &block, std::uint64_t unix_ns)
{
    block.number(static_cast<std::uint32_t>(unix_ns >> 32));
    block.number(static_cast<std::uint32_t>(unix_ns));
}

} // namespace

void PcapngFormat::begin(std::string &out)
{
    PcapngBlock block(out, section_header);

    interfaces_.clear();
    block.number(byte_order_magic).number(std::uint16_t{1}).number(std::uint16_t{0});
    block.number(std::int64_t{-1}); // length of the section: not known before its end
    if (!options_.system.empty())
        block.option(shb_os, options_.system);
    block.option(shb_userappl, options_.application);
    block.finish();
}

void PcapngFormat::append_interface(std::string &out, std::string_view name,
                                    std::uint32_t link_type) const
{
    PcapngBlock block(out, interface_description);

    block.number(static_cast<std::uint16_t>(link_type)).number(std::uint16_t{0});
    block.number(options_.snaplen);
    if (!name.empty())
        block.option(if_name, name);
    block.number_option(if_tsresol, nanoseconds);
    block.finish();
}

PcapngFormat::Interface &PcapngFormat::interface_of(std::string &out, std::uint32_t ifindex,
                                                    std::string_view name, std::uint32_t link_type)
{
    const auto number = static_cast<std::uint32_t>(interfaces_.size());
    const auto [found, is_new] =
        interfaces_.try_emplace({ifindex, link_type}, Interface{.number = number, .packets = 0});
    if (is_new)
        append_interface(out, name, link_type);
    return found->second;
}

void PcapngFormat::packet(std::string &out, const PacketView &packet, std::uint64_t unix_ns,
                          std::span<const std::string> comments)
{
    const std::uint32_t link_type = options_.link_type.value_or(link_type_of(packet.link));
    const CapturedBytes captured(packet, link_type, options_.snaplen);
    Interface &interface = interface_of(out, packet.ifindex, packet.interface, link_type);

    interface.packets++;
    PcapngBlock block(out, enhanced_packet);
    block.number(interface.number);
    append_time(block, unix_ns);
    block.number(captured.captured_length()).number(captured.wire_length());
    block.bytes(captured.bytes());
    for (const std::string &comment : comments)
        block.option(opt_comment, comment);
    if (packet.way != TT_WAY_UNKNOWN)
        block.number_option(epb_flags, flags_of(packet));
    block.finish();
}

void PcapngFormat::end(std::string &out, const CaptureEnd &end)
{
    if (interfaces_.empty() && !end.comments.empty())
        interface_of(out, 0, {}, options_.link_type.value_or(LINKTYPE_ETHERNET));
    // What is received and dropped is counted over all interfaces: it is one's if there is one.
    const bool only = interfaces_.size() == 1;
    for (const auto &[_, interface] : interfaces_) {
        PcapngBlock block(out, interface_statistics);
        block.number(interface.number);
        append_time(block, end.unix_ns);
        if (interface.number == 0) {
            for (const std::string &comment : end.comments)
                block.option(opt_comment, comment);
        }
        if (only && end.received)
            block.number_option(isb_ifrecv, *end.received);
        if (only && end.dropped)
            block.number_option(isb_ifdrop, *end.dropped);
        block.number_option(isb_usrdeliv, interface.packets);
        block.finish();
    }
}

} // namespace tcptrace
