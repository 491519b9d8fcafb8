// SPDX-License-Identifier: Apache-2.0
#include "support/connect_attempt.h"

#include "core/unique_fd.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace tcptrace::test {

namespace {

sockaddr_storage address_of(const Endpoint &end)
{
    sockaddr_storage storage{};
    if (end.address.family == TT_IPV6) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(end.port);
        std::memcpy(&v6.sin6_addr, end.address.raw.bytes, 16);
        std::memcpy(&storage, &v6, sizeof v6);
    } else {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(end.port);
        std::memcpy(&v4.sin_addr, end.address.raw.bytes + 12, 4);
        std::memcpy(&storage, &v4, sizeof v4);
    }
    return storage;
}

// What comes of it within 50 ms; no verdict of a test hangs on more coming later.
int outcome(int socket)
{
    pollfd answer{socket, POLLOUT, 0};
    if (poll(&answer, 1, 50) == 0)
        return 0;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? EISCONN : error;
}

int attempt(const Endpoint &source, const Endpoint &destination)
{
    const sockaddr_storage from = address_of(source);
    const sockaddr_storage to = address_of(destination);
    const auto length = static_cast<socklen_t>(from.ss_family == AF_INET6 ? sizeof(sockaddr_in6)
                                                                          : sizeof(sockaddr_in));
    const auto plain = [](const sockaddr_storage &address) {
        return static_cast<const sockaddr *>(static_cast<const void *>(&address));
    };
    const UniqueFd socket(::socket(from.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (bind(socket.get(), plain(from), length) != 0)
        return errno;
    if (connect(socket.get(), plain(to), length) == 0)
        return EISCONN;
    return errno == EINPROGRESS ? outcome(socket.get()) : errno;
}

} // namespace

int connect_attempt(const std::string &netns, const Endpoint &source, const Endpoint &destination)
{
    if (netns.empty())
        return attempt(source, destination);
    int result = ENOENT;
    std::thread([&] {
        const UniqueFd there(open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC));
        if (setns(there.get(), CLONE_NEWNET) == 0)
            result = attempt(source, destination);
    }).join();
    return result;
}

} // namespace tcptrace::test
