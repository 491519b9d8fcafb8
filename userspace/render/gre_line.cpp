// SPDX-License-Identifier: Apache-2.0
// GRE: RFC 1701, RFC 2784, RFC 2890. Version 1, PPTP's (RFC 2637), as far as its header; PPP
// is not decoded.
#include "render/ethernet_line.h"
#include "render/ip_line.h"
#include "render/link_names.h"
#include "render/text.h"
#include "render/tunnel_line.h"

#include <tcptrace/tunnel.h>

#include <array>

namespace tcptrace {

namespace {

enum Flag : std::uint16_t {
    has_checksum = 0x8000,
    has_routing = 0x4000,
    has_key = 0x2000,
    has_sequence = 0x1000,
    has_strict_route = 0x0800,
    has_ack = 0x0080, // version 1
};

// Reads from the front; cut() once something was not there.
class Fields {
public:
    Fields(Bytes bytes, std::uint32_t length) : bytes_(bytes), length_(length) {}

    std::uint32_t take(std::uint32_t count)
    {
        if (!skip(count))
            return 0;
        return count == 4 ? bytes_.u32(at_ - 4) : bytes_.u16(at_ - 2);
    }
    bool skip(std::uint32_t count)
    {
        cut_ = cut_ || length_ - at_ < count || !bytes_.has(at_ + count);
        if (!cut_)
            at_ += count;
        return !cut_;
    }
    [[nodiscard]] bool cut() const { return cut_; }
    [[nodiscard]] Bytes rest() const { return bytes_.from(at_); }
    [[nodiscard]] std::uint32_t rest_length() const { return length_ - at_; }

private:
    Bytes bytes_;
    std::uint32_t length_;
    std::uint32_t at_ = 0;
    bool cut_ = false;
};

void append_flags(std::string &out, std::uint16_t flags)
{
    struct Named {
        std::uint16_t flag;
        std::string_view name;
    };
    constexpr std::array names{
        Named{has_checksum, "checksum"},
        Named{has_routing, "routing"},
        Named{has_key, "key"},
        Named{has_sequence, "sequence#"},
        Named{has_strict_route, "source routing"},
        Named{has_ack, "ack"},
    };
    const char *separator = "";

    out += ", Flags [";
    for (const auto &[flag, name] : names) {
        if (flags & flag) {
            put(out, "{}{} present", separator, name);
            separator = ", ";
        }
    }
    out += *separator ? "]" : "none]";
}

// RFC 1701: a list of addresses or of AS numbers, the next one starred.
void append_route(std::string &out, std::uint16_t family, std::uint8_t next, Bytes route)
{
    constexpr std::uint16_t autonomous_systems = 0xfffe;
    const std::uint8_t length = static_cast<std::uint8_t>(route.size());
    const bool by_address = family == TT_ETHERTYPE_IPV4;
    const std::uint8_t step = by_address ? 4 : 2;

    if (!by_address && family != autonomous_systems) {
        put(out, ", (rtaf=0x{:x})", family);
        return;
    }
    put(out, ", (rtaf={}", by_address ? "ip" : "asn");
    if (next % step)
        put(out, ", badoffset={}", next);
    else if (length % step)
        put(out, ", badlength={}", length);
    else if (next >= length)
        put(out, ", badoff/len={}/{}", next, length);
    else
        for (std::size_t at = 0; at < length; at += step) {
            put(out, " {}", at == next ? "*" : "");
            if (by_address)
                out += address_text(route.from(at).first(4));
            else
                put(out, "{:x}", route.u16(at));
        }
    out += ')';
}

void append_routes(std::string &out, Fields &fields)
{
    while (!fields.cut()) {
        const auto family = static_cast<std::uint16_t>(fields.take(2));
        const std::uint32_t place = fields.take(2);
        const Bytes route = fields.rest().first(place & 0xff);
        if (fields.cut() || (family == 0 && (place & 0xff) == 0))
            return;
        if (fields.skip(place & 0xff))
            append_route(out, family, static_cast<std::uint8_t>(place >> 8), route);
    }
}

// The protocol, the length, and what parts them from the packet inside.
void append_inner_protocol(std::string &out, std::uint16_t protocol, std::uint32_t length,
                           const LineOptions &options)
{
    if (options.link_header) {
        const std::string_view name = ethertype_name(protocol);
        put(out, ", proto {} (0x{:04x})", name.empty() ? "unknown" : name, protocol);
    }
    put(out, ", length {}", length);
}

LineEnd append_inner(std::string &out, std::uint16_t protocol, const Fields &fields,
                     const LineContext &context)
{
    return one_level_in(out, context, [&](const LineContext &inner) {
        switch (protocol) {
        case TT_ETHERTYPE_IPV4:
            return append_ipv4(out, fields.rest(), fields.rest_length(), inner);
        case TT_ETHERTYPE_IPV6:
            return append_ipv6(out, fields.rest(), fields.rest_length(), inner);
        case TT_ETHERTYPE_BRIDGED:
            return append_ethernet(out, fields.rest(), fields.rest_length(), inner);
        default:
            put(out, "gre-proto-0x{:x}", protocol);
            return LineEnd::Whole;
        }
    });
}

LineEnd append_version_0(std::string &out, std::uint16_t flags, Fields &fields,
                         std::uint32_t length, const LineContext &context)
{
    const auto protocol = static_cast<std::uint16_t>(fields.take(2));
    const bool tells_more = context.options.verbosity > 0;

    if (flags & (has_checksum | has_routing)) {
        const std::uint32_t sum = fields.take(2);
        if (tells_more && !fields.cut())
            put(out, ", sum 0x{:x}", sum);
        const std::uint32_t offset = fields.take(2);
        if (!fields.cut())
            put(out, ", off 0x{:x}", offset);
    }
    if (flags & has_key) {
        const std::uint32_t key = fields.take(4);
        if (!fields.cut())
            put(out, ", key=0x{:x}", key);
    }
    if (flags & has_sequence) {
        const std::uint32_t sequence = fields.take(4);
        if (!fields.cut())
            put(out, ", seq {}", sequence);
    }
    if (flags & has_routing)
        append_routes(out, fields);
    if (fields.cut())
        return cut_short(out, "gre");
    append_inner_protocol(out, protocol, length, context.options);
    out += tells_more ? "\n\t" : ": ";
    return append_inner(out, protocol, fields, context);
}

LineEnd append_version_1(std::string &out, std::uint16_t flags, Fields &fields,
                         std::uint32_t length, const LineContext &context)
{
    const auto protocol = static_cast<std::uint16_t>(fields.take(2));
    const auto append_number = [&](std::uint16_t flag, std::string_view name, std::uint32_t mask) {
        if (!(flags & flag))
            return;
        const std::uint32_t number = fields.take(4) & mask;
        if (!fields.cut())
            put(out, ", {} {}", name, number);
    };

    append_number(has_key, "call", 0xffff);
    append_number(has_sequence, "seq", 0xffffffff);
    append_number(has_ack, "ack", 0xffffffff);
    if (fields.cut())
        return cut_short(out, "gre");
    if (!(flags & has_sequence))
        out += ", no-payload";
    append_inner_protocol(out, protocol, length, context.options);
    if (flags & has_sequence)
        put(out, "{}gre-proto-0x{:x}", context.options.verbosity > 0 ? "\n\t" : ": ", protocol);
    return LineEnd::Whole;
}

} // namespace

LineEnd append_gre(std::string &out, Bytes gre, std::uint32_t length, const LineContext &context)
{
    Fields fields(gre, length);
    const auto flags = static_cast<std::uint16_t>(fields.take(2));
    const int version = flags & 7;

    if (fields.cut())
        return cut_short(out, "gre");
    put(out, "GREv{}", version);
    if (version > 1) {
        out += " ERROR: unknown-version";
        return LineEnd::Whole;
    }
    if (context.options.verbosity > 0)
        append_flags(out, flags);
    return version == 0 ? append_version_0(out, flags, fields, length, context)
                        : append_version_1(out, flags, fields, length, context);
}

} // namespace tcptrace
