// SPDX-License-Identifier: Apache-2.0
#include "sink/name_book.h"

#include <tcptrace/parse.h>

#include <arpa/inet.h>
#include <netdb.h>

#include <string_view>
#include <utility>

namespace tcptrace {

NameBook::NameBook(HostNamesOptions options, bool short_hosts)
    : hosts_(std::move(options)), short_hosts_(short_hosts)
{
    ::setservent(1);
    while (const servent *entry = ::getservent()) { // not reentrant: before there are threads
        const std::string_view protocol = entry->s_proto;
        const std::uint16_t port = ntohs(static_cast<std::uint16_t>(entry->s_port));
        if (protocol == "tcp")
            tcp_.try_emplace(port, entry->s_name); // the first of several, as getservbyport()
        else if (protocol == "udp")
            udp_.try_emplace(port, entry->s_name);
    }
    ::endservent();
}

std::string NameBook::host(Bytes address) const
{
    Address value;

    if (address.size() != 4 && address.size() != 16)
        return {};
    value.family = address.size() == 4 ? TT_IPV4 : TT_IPV6;
    tt_copy_address(&value.raw, address.span().data(), value.family);
    std::string name = hosts_.name_of(value);
    return short_hosts_ ? name.substr(0, name.find('.')) : name;
}

std::string_view NameBook::service(std::uint8_t protocol, std::uint16_t port) const
{
    const Ports &ports = protocol == TT_PROTOCOL_TCP ? tcp_ : udp_;
    const auto found = ports.find(port);
    return found != ports.end() ? std::string_view(found->second) : std::string_view{};
}

} // namespace tcptrace
