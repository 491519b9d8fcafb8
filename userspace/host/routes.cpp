// SPDX-License-Identifier: Apache-2.0
#include "host/routes.h"

#include "host/ip_address.h"
#include "host/names.h"
#include "host/netlink.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <climits>

namespace tcptrace {

namespace {

std::span<const std::uint8_t> bytes_of_port(const std::uint16_t &network_order)
{
    return {static_cast<const std::uint8_t *>(static_cast<const void *>(&network_order)),
            sizeof network_order};
}

std::uint8_t bits(const Address &address)
{
    return static_cast<std::uint8_t>(kernel_bytes(address).size() * CHAR_BIT);
}

void put_path(NetlinkRequest &request, const Path &path)
{
    const Address &to = path.destination.address;
    auto &wanted = request.extra<rtmsg>();
    wanted.rtm_family = kernel_family(to);
    wanted.rtm_dst_len = bits(to);
    request.put(RTA_DST, kernel_bytes(to));
    if (!path.source)
        return;
    wanted.rtm_src_len = bits(*path.source);
    request.put(RTA_SRC, kernel_bytes(*path.source));
    // For policy rules by port; kernels before 4.17 pass them over.
    const std::uint8_t protocol = IPPROTO_TCP;
    const std::uint16_t from = htons(path.source_port);
    const std::uint16_t onto = htons(path.destination.port);
    request.put(RTA_IP_PROTO, {&protocol, 1});
    request.put(RTA_SPORT, bytes_of_port(from));
    request.put(RTA_DPORT, bytes_of_port(onto));
}

RouteKind kind_of_type(std::uint8_t type)
{
    switch (type) {
    case RTN_LOCAL:
        return RouteKind::Local;
    case RTN_UNREACHABLE:
        return RouteKind::Unreachable;
    case RTN_PROHIBIT:
        return RouteKind::Prohibit;
    case RTN_BLACKHOLE:
        return RouteKind::Blackhole;
    default:
        return RouteKind::Unicast;
    }
}

// RTA_VIA: a gateway of the other family, as struct rtvia: its family, then its bytes.
std::optional<Address> gateway_of(std::uint8_t family, const nlattr *gateway, const nlattr *via)
{
    if (gateway)
        return from_kernel(family, bytes_of(gateway));
    const auto bytes = bytes_of(via);
    const auto via_family = value_of<std::uint16_t>(via);
    return via_family ? from_kernel(*via_family, bytes.subspan(sizeof *via_family)) : std::nullopt;
}

std::optional<NextHop> hop_of(const nlmsghdr &message, const Address &destination)
{
    const auto fixed = fixed_of<rtmsg>(message);
    if (message.nlmsg_type != RTM_NEWROUTE || !fixed)
        return std::nullopt;
    const auto attributes = attributes_of<rtmsg, RTA_VIA>(message);

    NextHop hop;
    hop.route.kind = kind_of_type(fixed->rtm_type);
    hop.route.gateway = gateway_of(fixed->rtm_family, attributes[RTA_GATEWAY], attributes[RTA_VIA]);
    hop.ifindex = value_of<std::uint32_t>(attributes[RTA_OIF]).value_or(0);
    hop.address = hop.route.gateway.value_or(destination);
    hop.route.interface = interface_name(hop.ifindex);
    return hop;
}

bool is_link_local(const Address &address)
{
    return address.family == TT_IPV6 && address.raw.bytes[0] == 0xfe &&
           (address.raw.bytes[1] & 0xc0) == 0x80;
}

std::optional<NeighbourState> state_of(std::uint16_t kernel_state)
{
    if (kernel_state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT))
        return NeighbourState::Reachable;
    if (kernel_state & NUD_INCOMPLETE)
        return NeighbourState::Resolving;
    if (kernel_state & NUD_FAILED)
        return NeighbourState::Failed;
    return std::nullopt;
}

} // namespace

std::optional<RouteKind> route_kind_of(int error)
{
    switch (error) {
    case ENETUNREACH:
        return RouteKind::None;
    case EHOSTUNREACH:
        return RouteKind::Unreachable;
    case EACCES:
        return RouteKind::Prohibit;
    case EINVAL: // also said of a source that is not ours: callers give none then
        return RouteKind::Blackhole;
    default:
        return std::nullopt;
    }
}

std::optional<NextHop> route_of(const Path &path, Deadline deadline)
{
    const Address &destination = path.destination.address;
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    // A link-local address means nothing without its interface, which is not known here.
    if (!socket || is_link_local(destination))
        return std::nullopt;

    NetlinkRequest request(RTM_GETROUTE);
    put_path(request, path);
    std::optional<NextHop> hop;
    const int error = socket->ask(
        request, deadline, [&](const nlmsghdr &message) { hop = hop_of(message, destination); });
    if (error == 0)
        return hop;
    const auto kind = route_kind_of(error);
    if (!kind)
        return std::nullopt;
    return NextHop{.route = {.kind = *kind, .interface = {}}, .ifindex = 0, .address = {}};
}

std::optional<NeighbourFact> neighbour_of(const NextHop &hop, Deadline deadline)
{
    if (hop.route.kind != RouteKind::Unicast || hop.ifindex == 0 || hop.ifindex > INT_MAX)
        return std::nullopt;
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    if (!socket)
        return std::nullopt;

    NetlinkRequest request(RTM_GETNEIGH);
    auto &wanted = request.extra<ndmsg>();
    wanted.ndm_family = kernel_family(hop.address);
    wanted.ndm_ifindex = static_cast<int>(hop.ifindex);
    request.put(NDA_DST, kernel_bytes(hop.address));

    std::optional<NeighbourFact> neighbour;
    const int error = socket->ask(request, deadline, [&](const nlmsghdr &message) {
        const auto fixed = fixed_of<ndmsg>(message);
        const auto state = fixed ? state_of(fixed->ndm_state) : std::nullopt;
        if (message.nlmsg_type == RTM_NEWNEIGH && state)
            neighbour = NeighbourFact{
                .address = hop.address, .state = *state, .interface = hop.route.interface};
    });
    return error == 0 ? neighbour : std::nullopt;
}

} // namespace tcptrace
