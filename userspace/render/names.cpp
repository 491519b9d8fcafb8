// SPDX-License-Identifier: Apache-2.0
#include "render/names.h"

#include "render/ip_line.h"
#include "render/link_names.h"
#include "render/text.h"

#include <algorithm>

namespace tcptrace {

std::string host_text(Bytes address, const Names *names)
{
    std::string name = names != nullptr ? names->host(address) : std::string{};
    return name.empty() ? address_text(address) : name;
}

std::string port_text(std::uint16_t port, std::uint8_t protocol, const Names *names)
{
    const std::string_view name =
        names != nullptr ? names->service(protocol, port) : std::string_view{};
    return name.empty() ? fmt::format("{}", port) : std::string(name);
}

std::string protocol_word(std::uint8_t protocol, const Names *names)
{
    const std::string_view word = names != nullptr ? protocol_keyword(protocol) : "";
    return word.empty() ? fmt::format("ip-proto-{}", protocol) : std::string(word);
}

void append_station(std::string &out, Bytes address, const Names *names)
{
    constexpr std::size_t ethernet_bytes = 6;
    const auto is_one = [](std::uint8_t byte) { return byte == 0xff; };

    if (names == nullptr || address.size() != ethernet_bytes) {
        append_mac(out, address);
        return;
    }
    if (std::ranges::all_of(address.span(), is_one)) {
        out += "Broadcast";
        return;
    }
    append_mac(out, address);
    put(out, " (oui {})", or_unknown(vendor_name(address.u32(0) >> 8)));
}

} // namespace tcptrace
