// SPDX-License-Identifier: Apache-2.0
#include "support/stack.h"

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace tcptrace::test {

namespace {

tt_settings of_this_netns(const PrivateNetns &netns)
{
    tt_settings settings = test_settings();
    settings.depth = TT_DEPTH_STACK;
    settings.packet_clock = 0;
    settings.netns = netns.inode();
    settings.only_netns = 1;
    return settings;
}

sockaddr_storage socket_address(const Where &where, std::uint16_t port, socklen_t &length)
{
    sockaddr_storage storage{};
    if (where.domain == AF_INET) {
        auto *v4 = reinterpret_cast<sockaddr_in *>(&storage);
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        inet_pton(AF_INET, where.address, &v4->sin_addr);
        length = sizeof *v4;
    } else {
        auto *v6 = reinterpret_cast<sockaddr_in6 *>(&storage);
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        inet_pton(AF_INET6, where.address, &v6->sin6_addr);
        length = sizeof *v6;
    }
    return storage;
}

} // namespace

Stack::Stack() : kernel(of_this_netns(netns), TT_FLOW_PLACES)
{
    kernel.attach_tracepoints();
}

std::optional<tt_record> Stack::await(tt_hook hook, int ms)
{
    for (int waited = 0; waited <= ms; waited += 20) {
        for (const Heard &heard : kernel.hear()) {
            // Drops are told of every namespace, also of the one of a test that is over.
            if (heard.record.netns == netns.inode())
                all.push_back(heard.record);
        }
        const auto found = std::ranges::find(all, static_cast<tt_u8>(hook), &tt_record::hook);
        if (found != all.end())
            return *found;
        poll(nullptr, 0, 20);
    }
    return std::nullopt;
}

UniqueFd listen_on(const Where &where, std::uint16_t port)
{
    UniqueFd socket(::socket(where.domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
    socklen_t length = 0;
    const auto address = socket_address(where, port, length);
    const int again = 1;
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &again, sizeof again);
    REQUIRE(bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), length) == 0);
    REQUIRE(listen(socket.get(), 8) == 0);
    return socket;
}

UniqueFd connect_to(const Where &where, std::uint16_t port, int &result, int flags)
{
    UniqueFd socket(::socket(where.domain, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    socklen_t length = 0;
    const auto address = socket_address(where, port, length);
    result = connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), length);
    return socket;
}

void abort_on_close(const UniqueFd &socket)
{
    const linger at_once{1, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

} // namespace tcptrace::test
