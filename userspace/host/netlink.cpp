// SPDX-License-Identifier: Apache-2.0
#include "host/netlink.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace tcptrace {

namespace {

constexpr std::size_t dump_bytes = 32768; // the kernel fills at most so much at a time

// False: there is no time left.
bool wait_until(int fd, Deadline deadline)
{
    using namespace std::chrono;
    constexpr microseconds longest = 10s; // a Deadline::max() is no timeval
    const auto now = steady_clock::now();
    if (now >= deadline)
        return false;
    const auto left =
        std::min(longest, std::max(1us, deadline - now < longest
                                            ? duration_cast<microseconds>(deadline - now)
                                            : longest));
    const timeval timeout{.tv_sec = left / 1s, .tv_usec = left % 1s / 1us};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0;
}

int tell(const nlmsghdr *message, void *each)
{
    (**static_cast<const NetlinkSocket::Each **>(each))(*message);
    return MNL_CB_OK;
}

} // namespace

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags)
{
    nlmsghdr *header = mnl_nlmsg_put_header(bytes_.data());
    // What is no dump ends with an acknowledgement, so every answer has an end that is seen.
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(
        NLM_F_REQUEST | ((flags & NLM_F_DUMP) == NLM_F_DUMP ? flags : flags | NLM_F_ACK));
}

std::optional<NetlinkSocket> NetlinkSocket::open(int protocol)
{
    mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
    if (!socket)
        return std::nullopt;
    NetlinkSocket owner(socket);
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0)
        return std::nullopt;
    return owner;
}

int NetlinkSocket::ask(NetlinkRequest &request, Deadline deadline, const Each &each)
{
    const int fd = mnl_socket_get_fd(socket_.get());
    nlmsghdr *header = request.header();
    header->nlmsg_seq = ++sequence_;
    if (mnl_socket_sendto(socket_.get(), header, header->nlmsg_len) < 0)
        return errno;

    std::vector<char> buffer(dump_bytes);
    for (;;) {
        if (!wait_until(fd, deadline))
            return ETIMEDOUT;
        const ssize_t length = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
        if (length < 0)
            return errno == EAGAIN ? ETIMEDOUT : errno;
        const Each *told = &each;
        const int state = mnl_cb_run(buffer.data(), static_cast<std::size_t>(length), sequence_,
                                     mnl_socket_get_portid(socket_.get()), tell, &told);
        if (state < MNL_CB_STOP)
            return errno;
        if (state == MNL_CB_STOP)
            return 0;
    }
}

std::string text_of(const nlattr *attribute)
{
    const auto bytes = bytes_of(attribute);
    return {bytes.begin(), std::ranges::find(bytes, 0)};
}

} // namespace tcptrace
