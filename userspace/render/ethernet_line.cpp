// SPDX-License-Identifier: Apache-2.0
#include "render/ethernet_line.h"

#include "render/link_names.h"
#include "render/link_protocol.h"
#include "render/llc_line.h"
#include "render/names.h"
#include "render/text.h"

#include <tcptrace/parse.h>

namespace tcptrace {

namespace {

constexpr std::uint32_t addresses = 12;
constexpr std::uint32_t header_min = 14;
constexpr std::uint32_t tag_bytes = 4;
constexpr std::uint16_t vlan_9200 = 0x9200;

// What -e prints in front, and what stands in front of a payload that is not decoded.
class EthernetHeader {
public:
    EthernetHeader(std::string &out, Bytes frame, std::uint32_t length, const LineOptions &options)
        : out_(out), frame_(frame), length_(length), options_(options)
    {
    }

    void append_addresses()
    {
        append_station(out_, frame_.from(6).first(6), options_.names);
        out_ += " > ";
        append_station(out_, frame_.first(6), options_.names);
        out_ += ", ";
    }

    // The length goes behind the first type only; tags may follow.
    void append_type(std::uint16_t ethertype)
    {
        append_ethertype(out_, ethertype, options_.quick);
        if (has_length_)
            out_ += ", ";
        else
            put(out_, ", length {}: ", length_);
        has_length_ = true;
    }

    void append_802_3(std::uint32_t payload)
    {
        out_ += "802.3";
        if (!has_length_)
            put(out_, ", length {}: ", payload);
    }

    void append_whole(std::uint16_t ethertype)
    {
        append_addresses();
        has_length_ = false;
        append_type(ethertype);
    }

private:
    std::string &out_;
    Bytes frame_;
    std::uint32_t length_;
    const LineOptions &options_;
    bool has_length_ = false;
};

LineEnd append_type_and_payload(std::string &out, EthernetHeader &header, std::uint16_t ethertype,
                                Bytes payload, std::uint32_t length, const LineContext &context)
{
    if (context.options.link_header)
        header.append_type(ethertype);
    const auto end = append_link_protocol(out, ethertype, payload, length, context);
    if (end)
        return *end;
    if (!context.options.link_header)
        header.append_whole(ethertype);
    append_unknown_payload(out, payload, context.options);
    return LineEnd::Whole;
}

} // namespace

bool is_vlan_tag(std::uint16_t ethertype)
{
    return tt_is_vlan(ethertype) || ethertype == vlan_9200;
}

void append_vlan_tag(std::string &out, std::uint16_t tag)
{
    put(out, "vlan {}, p {}{}, ", tag & 0xfff, tag >> 13, tag & 0x1000 ? ", DEI" : "");
}

LineEnd append_ethernet(std::string &out, Bytes frame, std::uint32_t length,
                        const LineContext &context)
{
    const bool shows_header = context.options.link_header;
    EthernetHeader header(out, frame, length, context.options);
    const LinkAddresses ends{frame.from(6).first(6), frame.first(6)};

    if (length < header_min || !frame.has(header_min))
        return cut_short(out, "ether");
    if (shows_header)
        header.append_addresses();

    std::uint16_t ethertype = frame.u16(addresses);
    std::uint32_t at = header_min;
    for (; is_vlan_tag(ethertype); at += tag_bytes) {
        if (length < at + tag_bytes || !frame.has(at + tag_bytes))
            return cut_short(out, "vlan");
        if (shows_header) {
            header.append_type(ethertype);
            append_vlan_tag(out, frame.u16(at));
        }
        ethertype = frame.u16(at + 2);
    }

    const Bytes payload = frame.from(at);
    const std::uint32_t payload_length = length - at;
    if (ethertype == jumbo_frame)
        return append_llc(out, payload, payload_length, ends, context);
    if (ethertype > frame_length_max)
        return append_type_and_payload(out, header, ethertype, payload, payload_length, context);
    const std::uint32_t said = std::min<std::uint32_t>(ethertype, payload_length); // less padding
    if (shows_header)
        header.append_802_3(said);
    return append_llc(out, payload.first(said), said, ends, context);
}

} // namespace tcptrace
