// SPDX-License-Identifier: Apache-2.0
#include "host/local_addresses.h"

#include "host/ip_address.h"
#include "host/netlink.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t most_addresses = 65536; // of one namespace; further ones are not known

// Of the namespace the calling thread is in. Empty: not answered.
std::optional<std::vector<Address>> ask_addresses(Deadline deadline)
{
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    if (!socket)
        return std::nullopt;

    NetlinkRequest request(RTM_GETADDR, NLM_F_DUMP);
    request.extra<ifaddrmsg>().ifa_family = AF_UNSPEC;
    std::vector<Address> found;
    const int error = socket->ask(request, deadline, [&](const nlmsghdr &message) {
        const auto fixed = fixed_of<ifaddrmsg>(message);
        if (message.nlmsg_type != RTM_NEWADDR || !fixed)
            return;
        // On a point-to-point link IFA_ADDRESS is the other side's.
        const auto attributes = attributes_of<ifaddrmsg, IFA_LOCAL>(message);
        const nlattr *ours =
            attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
        const auto address = from_kernel(fixed->ifa_family, bytes_of(ours));
        if (address && found.size() < most_addresses)
            found.push_back(*address);
    });
    if (error != 0)
        return std::nullopt;
    std::ranges::sort(found);
    return found;
}

} // namespace

// One entry for each namespace that there is now, with what was known of it.
void LocalAddresses::align(const Namespaces &namespaces)
{
    std::erase_if(asked_, [&](const Asked &one) { return !namespaces.find(one.netns); });
    for (const Namespace &one : namespaces.all()) {
        if (std::ranges::find(asked_, one.inode, &Asked::netns) == asked_.end())
            asked_.push_back({.netns = one.inode});
    }
}

void LocalAddresses::refresh(const Namespaces &namespaces, std::uint64_t now_ns, Deadline deadline)
{
    align(namespaces);
    std::ranges::stable_sort(asked_, {}, &Asked::at_ns);
    for (Asked &one : asked_) {
        if (passed(deadline))
            return;
        if (one.at_ns != 0 && now_ns < one.at_ns + ttl_ns)
            continue;
        const auto visit = namespaces.enter(one.netns);
        Asked now{.netns = one.netns, .at_ns = now_ns, .state = State::Answered};
        if (!visit) {
            now.state = namespaces.may_leave_home() ? State::Gone : State::Closed;
        } else if (auto addresses = ask_addresses(deadline)) {
            now.addresses = std::move(*addresses);
        } else {
            continue; // what it said before still counts; it is asked again the next time
        }
        one = std::move(now);
    }
}

std::optional<std::uint32_t> LocalAddresses::owner(const Address &address) const
{
    std::optional<std::uint32_t> only;
    for (const Asked &one : asked_) {
        if (one.state == State::Unasked)
            return std::nullopt;
        // All of 127.0.0.0/8 is local to each, whatever the address list says.
        const bool has_it = is_loopback(address)
                                ? one.state != State::Gone
                                : std::ranges::binary_search(one.addresses, address);
        if (has_it && only)
            return std::nullopt;
        if (has_it)
            only = one.netns;
    }
    return only;
}

} // namespace tcptrace
