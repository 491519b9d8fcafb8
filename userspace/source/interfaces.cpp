// SPDX-License-Identifier: Apache-2.0
#include "source/interfaces.h"

#include <net/if.h> // before the kernel's header of the same names

#include <fmt/format.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

namespace tcptrace {

namespace {

// Hardware type of an interface, by the ioctl that every kernel has.
std::uint16_t hardware_type(const std::string &name)
{
    const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    if (ioctl(any.get(), SIOCGIFHWADDR, &request) != 0)
        return 0;
    return request.ifr_hwaddr.sa_family;
}

// One message of rtnetlink. All lengths in it are checked against what was received.
void read_message(const nlmsghdr *message, InterfaceWatch::Changes &changes)
{
    if (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK)
        return;
    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg)))
        return;
    const auto *info = static_cast<const ifinfomsg *>(NLMSG_DATA(message));
    // A bridge port that leaves its bridge is told of by AF_BRIDGE; the interface stays.
    if (info->ifi_family != AF_UNSPEC)
        return;
    const auto index = static_cast<std::uint32_t>(info->ifi_index);
    if (message->nlmsg_type == RTM_DELLINK) {
        changes.gone.push_back(index);
        return;
    }
    std::array<char, IFNAMSIZ> name{};
    if (if_indextoname(index, name.data())) // it may be gone again
        changes.present.push_back({index, name.data(), info->ifi_type});
}

// Not NLMSG_NEXT: it rounds up, and so goes past the end after a last message of odd length.
void read_messages(std::span<const char> left, InterfaceWatch::Changes &changes)
{
    while (left.size() >= sizeof(nlmsghdr)) {
        const auto *message = reinterpret_cast<const nlmsghdr *>(left.data());
        const std::size_t length = message->nlmsg_len;
        if (length < sizeof(nlmsghdr) || length > left.size())
            return;
        read_message(message, changes);
        left = left.subspan(std::min<std::size_t>(NLMSG_ALIGN(length), left.size()));
    }
}

} // namespace

bool has_ethernet_header(const Interface &interface)
{
    return interface.type == ARPHRD_ETHER || interface.type == ARPHRD_LOOPBACK;
}

bool has_no_link_header(const Interface &interface)
{
    const std::uint16_t type = interface.type;
    return type == ARPHRD_NONE || type == ARPHRD_PPP || type == ARPHRD_TUNNEL ||
           type == ARPHRD_TUNNEL6 || type == ARPHRD_SIT || type == ARPHRD_IPGRE ||
           type == ARPHRD_IP6GRE || type == ARPHRD_RAWIP;
}

Result<Interface> find_interface(const std::string &name)
{
    const std::uint32_t index = if_nametoindex(name.c_str());
    if (index == 0)
        return fail(Status::CannotRun, fmt::format("no such interface: \"{}\"", name),
                    "tcptrace -D lists them");
    return Interface{index, name, hardware_type(name)};
}

Result<InterfaceWatch> InterfaceWatch::open()
{
    UniqueFd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        return fail(Status::CannotRun,
                    fmt::format("cannot watch interfaces come and go: {}", std::strerror(errno)));
    return InterfaceWatch(std::move(fd));
}

std::vector<Interface> InterfaceWatch::list() const
{
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                                if_freenameindex);
    std::vector<Interface> interfaces;
    for (const struct if_nameindex *each = all.get(); each && each->if_index != 0; each++)
        interfaces.push_back({each->if_index, each->if_name, hardware_type(each->if_name)});
    return interfaces;
}

InterfaceWatch::Changes InterfaceWatch::poll() const
{
    Changes changes;
    alignas(nlmsghdr) std::array<char, 32768> buffer; // rtnetlink's largest message

    for (;;) {
        sockaddr_nl sender{};
        socklen_t sender_size = sizeof sender;
        const ssize_t length = // MSG_TRUNC: of all that was sent, though it does not fit
            recvfrom(socket_.get(), buffer.data(), buffer.size(), MSG_TRUNC,
                     reinterpret_cast<sockaddr *>(&sender), &sender_size);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno == ENOBUFS) {
            changes.overrun = true;
            continue;
        }
        if (length <= 0)
            return changes;
        if (sender.nl_pid != 0) // not the kernel
            continue;
        if (static_cast<std::size_t>(length) > buffer.size()) {
            changes.overrun = true;
            continue;
        }
        read_messages({buffer.data(), static_cast<std::size_t>(length)}, changes);
    }
}

} // namespace tcptrace
