// SPDX-License-Identifier: Apache-2.0
#include "support/tcp_sockets.h"

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace tcptrace::test {

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] const sockaddr *get() const
    {
        return static_cast<const sockaddr *>(static_cast<const void *>(&storage));
    }
};

SocketAddress socket_address(const Endpoint &endpoint)
{
    SocketAddress made;
    if (endpoint.address.family == TT_IPV4) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, endpoint.address.raw.bytes + 12, sizeof v4.sin_addr);
        std::memcpy(&made.storage, &v4, made.length = sizeof v4);
    } else {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(endpoint.port);
        std::memcpy(&v6.sin6_addr, endpoint.address.raw.bytes, sizeof v6.sin6_addr);
        std::memcpy(&made.storage, &v6, made.length = sizeof v6);
    }
    return made;
}

UniqueFd bound(const Endpoint &local, int flags, bool only_ipv6)
{
    const bool v4 = local.address.family == TT_IPV4;
    UniqueFd fd(socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    const int on = 1;
    const int only = only_ipv6;
    const SocketAddress address = socket_address(local);
    REQUIRE(setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    if (!v4)
        REQUIRE(setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0);
    REQUIRE(bind(fd.get(), address.get(), address.length) == 0);
    return fd;
}

} // namespace

Endpoint endpoint(const std::string &address, std::uint16_t port)
{
    Endpoint made;
    made.port = port;
    if (inet_pton(AF_INET, address.c_str(), made.address.raw.bytes + 12) == 1) {
        std::fill_n(made.address.raw.bytes + 10, 2, std::uint8_t{0xff});
        return made;
    }
    made.address.family = TT_IPV6;
    REQUIRE(inet_pton(AF_INET6, address.c_str(), made.address.raw.bytes) == 1);
    return made;
}

UniqueFd listen_on(const Endpoint &local, int backlog, bool only_ipv6)
{
    UniqueFd fd = bound(local, 0, only_ipv6);
    REQUIRE(listen(fd.get(), backlog) == 0);
    return fd;
}

UniqueFd connect_from(const Endpoint &local, const Endpoint &remote)
{
    UniqueFd fd = bound(local, SOCK_NONBLOCK, false);
    const SocketAddress address = socket_address(remote);
    REQUIRE((connect(fd.get(), address.get(), address.length) == 0 || errno == EINPROGRESS));
    return fd;
}

bool is_connected(const UniqueFd &socket)
{
    constexpr int patience_ms = 10'000;
    pollfd waits{.fd = socket.get(), .events = POLLOUT, .revents = 0};
    int error = 0;
    socklen_t length = sizeof error;
    return poll(&waits, 1, patience_ms) == 1 &&
           getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
}

} // namespace tcptrace::test
