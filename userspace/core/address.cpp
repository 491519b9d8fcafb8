// SPDX-License-Identifier: Apache-2.0
#include "core/address.h"

#include <arpa/inet.h>

#include <array>

namespace tcptrace {

std::string to_string(const Address &address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool v4 = address.family == TT_IPV4;
    const void *bytes = address.raw.bytes + (v4 ? 12 : 0);

    inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
    return text.data();
}

} // namespace tcptrace
