// SPDX-License-Identifier: Apache-2.0
#include "host/sockets.h"

#include "host/ip_address.h"
#include "host/names.h"
#include "host/netlink.h"

#include <tcptrace/stack.h>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tcptrace {

namespace {

constexpr std::size_t most_listeners = 256;

using Attributes = std::array<const nlattr *, INET_DIAG_SKV6ONLY + 1>;

struct Answer {
    inet_diag_msg socket;
    Attributes attributes;
};

std::optional<Answer> answer_of(const nlmsghdr &message)
{
    const auto socket = fixed_of<inet_diag_msg>(message);
    if (message.nlmsg_type != SOCK_DIAG_BY_FAMILY || !socket)
        return std::nullopt;
    return Answer{*socket, attributes_of<inet_diag_msg, INET_DIAG_SKV6ONLY>(message)};
}

std::span<const std::uint8_t> bytes_of_words(const __be32 (&words)[4])
{
    return {static_cast<const std::uint8_t *>(static_cast<const void *>(words)), sizeof words};
}

std::optional<Listener> listener_of(const nlmsghdr &message)
{
    const auto answer = answer_of(message);
    if (!answer || answer->socket.idiag_state != TT_SOCKET_LISTEN)
        return std::nullopt;
    const inet_diag_msg &socket = answer->socket;
    const auto address = from_kernel(socket.idiag_family, bytes_of_words(socket.id.idiag_src));
    if (!address)
        return std::nullopt;

    Listener listener;
    listener.fact.bound = {.address = *address, .port = ntohs(socket.id.idiag_sport)};
    listener.fact.any_address = is_any(*address);
    listener.fact.queued = socket.idiag_rqueue;
    listener.fact.backlog = socket.idiag_wqueue;
    listener.inode = socket.idiag_inode;
    listener.only_ipv6 =
        value_of<std::uint8_t>(answer->attributes[INET_DIAG_SKV6ONLY]).value_or(0) != 0;
    listener.fact.interface = interface_name(socket.id.idiag_if);
    return listener;
}

void set_address(__be32 (&words)[4], const Address &address)
{
    std::memcpy(words, kernel_bytes(address).data(), kernel_bytes(address).size());
}

inet_diag_req_v2 &begin(NetlinkRequest &request, std::uint8_t family)
{
    auto &wanted = request.extra<inet_diag_req_v2>();
    wanted.sdiag_family = family;
    wanted.sdiag_protocol = IPPROTO_TCP;
    std::ranges::fill(wanted.id.idiag_cookie, INET_DIAG_NOCOOKIE);
    return wanted;
}

} // namespace

std::optional<std::vector<Listener>> listeners_on(std::uint16_t port, Deadline deadline)
{
    auto socket = NetlinkSocket::open(NETLINK_SOCK_DIAG);
    if (!socket)
        return std::nullopt;

    std::vector<Listener> found;
    for (const auto family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}}) {
        NetlinkRequest request(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
        auto &wanted = begin(request, family);
        wanted.idiag_states = 1U << TT_SOCKET_LISTEN;
        wanted.id.idiag_sport = htons(port); // the kernel skips others: no filter program needed
        const int error = socket->ask(request, deadline, [&](const nlmsghdr &message) {
            if (auto one = listener_of(message); one && found.size() < most_listeners)
                found.push_back(std::move(*one));
        });
        const bool no_ipv6 = family == AF_INET6 && error == ENOENT;
        if (error != 0 && !no_ipv6)
            return std::nullopt;
    }
    return found;
}

bool takes(const Listener &listener, const Address &address)
{
    const Address &bound = listener.fact.bound.address;
    if (!listener.fact.any_address)
        return bound == address;
    return bound.family == address.family || (bound.family == TT_IPV6 && !listener.only_ipv6);
}

std::optional<HeldSocket> socket_of(const Endpoint &local, const Endpoint &remote,
                                    Deadline deadline)
{
    auto socket = NetlinkSocket::open(NETLINK_SOCK_DIAG);
    if (!socket)
        return std::nullopt;

    NetlinkRequest request(SOCK_DIAG_BY_FAMILY);
    auto &wanted = begin(request, kernel_family(local.address));
    wanted.idiag_states = ~0U;
    wanted.id.idiag_sport = htons(local.port);
    wanted.id.idiag_dport = htons(remote.port);
    set_address(wanted.id.idiag_src, local.address);
    set_address(wanted.id.idiag_dst, remote.address);

    std::optional<HeldSocket> held;
    const int error = socket->ask(request, deadline, [&](const nlmsghdr &message) {
        const auto answer = answer_of(message);
        // Where there is no such connection the kernel answers with the listener.
        if (!answer || answer->socket.idiag_state == TT_SOCKET_LISTEN)
            return;
        held.emplace();
        held->fact.state = answer->socket.idiag_state;
        held->fact.receive_queue = answer->socket.idiag_rqueue;
        held->fact.send_queue = answer->socket.idiag_wqueue;
        held->inode = answer->socket.idiag_inode;
    });
    return error == 0 ? held : std::nullopt;
}

} // namespace tcptrace
