// SPDX-License-Identifier: Apache-2.0
#include "render/udp_line.h"

#include "render/checksum.h"
#include "render/dns_line.h"
#include "render/text.h"
#include "render/tunnel_line.h"

#include <tcptrace/tunnel.h>

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::uint32_t udp_header = 8;

// `payload`: what was captured, to the end of the IP packet; `length`: bytes of it on the wire.
using Append = LineEnd (*)(std::string &out, Bytes payload, std::uint32_t length,
                           const LineContext &context);

struct Application {
    std::uint16_t port; // of either end
    Append append;
};

// In tcpdump's order: the first that fits either port.
constexpr std::array applications{
    Application{53, append_dns},      Application{5353, append_mdns},
    Application{4789, append_vxlan},  Application{4790, append_vxlan_gpe},
    Application{6081, append_geneve},
};

// `length`: header and payload. tcpdump is silent on IPv4's sums until -vv.
void append_checksum(std::string &out, Bytes udp, std::uint32_t length, const IpContext &ip,
                     const LineOptions &options)
{
    const std::uint16_t held = udp.u16(6);

    if (!options.judges_checksums || ip.fragmented || options.verbosity < (ip.ipv6 ? 1 : 2))
        return;
    if (held == 0 && !ip.ipv6) { // RFC 768: none was made; RFC 8200 forbids that
        out += "[no cksum] ";
        return;
    }
    if (!udp.has(length))
        return;
    // The pseudo header counts UDP's own length, which may be less than IP leaves for it.
    const std::uint32_t pseudo = checksum_subtract(ip.pseudo_sum, ip.length - length);
    const std::uint16_t wrong = checksum_finish(checksum_add(pseudo, udp.first(length)));
    if (wrong == 0)
        out += "[udp sum ok] ";
    else
        put(out, "[bad udp cksum 0x{:04x} -> 0x{:04x}!] ", held, checksum_should_be(held, wrong));
}

const Application *application_of(Bytes udp)
{
    const auto *found = std::ranges::find_if(applications, [&](const Application &application) {
        return application.port == udp.u16(0) || application.port == udp.u16(2);
    });
    return found != applications.end() ? found : nullptr;
}

} // namespace

LineEnd append_udp(std::string &out, Bytes udp, const IpContext &ip, const LineContext &context)
{
    constexpr std::uint32_t ipv6_payload_max = 65535;

    if (!udp.has(4)) {
        if (!ip.source.empty())
            put(out, "{} > {}: ", ip.source, ip.destination);
        return cut_short(out, "udp");
    }
    append_ends(out, udp, TT_PROTOCOL_UDP, ip, context.options.names);
    if (ip.length < udp_header) {
        put(out, "truncated-udp {}", ip.length);
        return LineEnd::Whole;
    }
    if (!udp.has(6))
        return cut_short(out, "udp");
    const bool jumbogram = udp.u16(4) == 0 && ip.length > ipv6_payload_max; // RFC 2675
    const std::uint32_t said = jumbogram ? ip.length : udp.u16(4);
    if (said < udp_header) {
        put(out, "truncated-udplength {}", said);
        return LineEnd::Whole;
    }
    if (!udp.has(udp_header))
        return cut_short(out, "udp");
    const std::uint32_t whole = std::min(said, ip.length);
    append_checksum(out, udp, whole, ip, context.options);

    const std::uint32_t length = whole - udp_header;
    const Application *application = context.options.quick ? nullptr : application_of(udp);
    if (application != nullptr)
        return application->append(out, udp.from(udp_header), length, context);
    if (said > whole && !ip.fragmented)
        put(out, "UDP, bad length {} > {}", said - udp_header, length);
    else
        put(out, "UDP, length {}", said - udp_header);
    return LineEnd::Whole;
}

} // namespace tcptrace
