// SPDX-License-Identifier: Apache-2.0
#include "host/conntrack.h"

#include "host/ip_address.h"
#include "host/netlink.h"

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <unistd.h>

#include <memory>

namespace tcptrace {

namespace {

struct Destroy {
    void operator()(nf_conntrack *entry) const { nfct_destroy(entry); }
};
using Entry = std::unique_ptr<nf_conntrack, Destroy>;

bool is_loaded()
{
    return access("/proc/sys/net/netfilter/nf_conntrack_max", F_OK) == 0;
}

NetlinkRequest question(std::uint16_t type, std::uint8_t family, std::uint16_t flags = 0)
{
    NetlinkRequest request(static_cast<std::uint16_t>((NFNL_SUBSYS_CTNETLINK << 8) | type), flags);
    auto &wanted = request.extra<nfgenmsg>();
    wanted.nfgen_family = family;
    wanted.version = NFNETLINK_V0;
    return request;
}

// Numbers of nfnetlink are in network byte order.
std::uint64_t number_of(const nlattr *attribute)
{
    const auto value = value_of<std::uint32_t>(attribute);
    return value ? ntohl(*value) : 0;
}

void set_end(nf_conntrack *entry, const Endpoint &end, nf_conntrack_attr v4, nf_conntrack_attr v6,
             nf_conntrack_attr port)
{
    nfct_set_attr(entry, end.address.family == TT_IPV4 ? v4 : v6, kernel_bytes(end.address).data());
    nfct_set_attr_u16(entry, port, htons(end.port));
}

std::optional<Endpoint> end_of(const nf_conntrack *entry, nf_conntrack_attr v4,
                               nf_conntrack_attr v6, nf_conntrack_attr port)
{
    const bool is_v4 = nfct_attr_is_set(entry, v4) > 0;
    if ((!is_v4 && nfct_attr_is_set(entry, v6) <= 0) || nfct_attr_is_set(entry, port) <= 0)
        return std::nullopt;
    const auto *bytes = static_cast<const std::uint8_t *>(nfct_get_attr(entry, is_v4 ? v4 : v6));
    const auto address =
        is_v4 ? from_kernel(AF_INET, {bytes, 4}) : from_kernel(AF_INET6, {bytes, 16});
    if (!address)
        return std::nullopt;
    return Endpoint{*address, ntohs(nfct_get_attr_u16(entry, port))};
}

std::optional<ConntrackEntry> entry_of(const nf_conntrack *entry)
{
    const auto source = end_of(entry, ATTR_ORIG_IPV4_SRC, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_PORT_SRC);
    const auto destination =
        end_of(entry, ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_DST, ATTR_ORIG_PORT_DST);
    const auto answering =
        end_of(entry, ATTR_REPL_IPV4_SRC, ATTR_REPL_IPV6_SRC, ATTR_REPL_PORT_SRC);
    const auto answered = end_of(entry, ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_DST, ATTR_REPL_PORT_DST);
    if (!source || !destination || !answering || !answered)
        return std::nullopt;
    return ConntrackEntry{.before = {*source, *destination}, .beyond = {*answered, *answering}};
}

// The kernel finds an entry by the tuple of either direction.
std::optional<ConntrackEntry> ask_for(NetlinkSocket &socket, const Endpoint &source,
                                      const Endpoint &destination, Deadline deadline)
{
    const Entry wanted(nfct_new());
    if (!wanted)
        return std::nullopt;
    const std::uint8_t family = kernel_family(source.address);
    nfct_set_attr_u8(wanted.get(), ATTR_L3PROTO, family);
    nfct_set_attr_u8(wanted.get(), ATTR_L4PROTO, IPPROTO_TCP);
    set_end(wanted.get(), source, ATTR_IPV4_SRC, ATTR_IPV6_SRC, ATTR_PORT_SRC);
    set_end(wanted.get(), destination, ATTR_IPV4_DST, ATTR_IPV6_DST, ATTR_PORT_DST);

    NetlinkRequest request = question(IPCTNL_MSG_CT_GET, family);
    if (nfct_nlmsg_build(request.header(), wanted.get()) != 0)
        return std::nullopt;
    std::optional<ConntrackEntry> found;
    const int error = socket.ask(request, deadline, [&](const nlmsghdr &message) {
        const Entry told(nfct_new());
        if (told && nfct_nlmsg_parse(&message, told.get()) >= 0)
            found = entry_of(told.get());
    });
    return error == 0 ? found : std::nullopt;
}

} // namespace

std::optional<ConntrackCounts> conntrack_counts(Deadline deadline)
{
    auto socket = is_loaded() ? NetlinkSocket::open(NETLINK_NETFILTER) : std::nullopt;
    if (!socket)
        return std::nullopt;

    ConntrackCounts counts;
    NetlinkRequest table = question(IPCTNL_MSG_CT_GET_STATS, AF_UNSPEC);
    int error = socket->ask(table, deadline, [&](const nlmsghdr &message) {
        const auto values = attributes_of<nfgenmsg, CTA_STATS_GLOBAL_MAX>(message);
        counts.count = number_of(values[CTA_STATS_GLOBAL_ENTRIES]);
        counts.max = number_of(values[CTA_STATS_GLOBAL_MAX_ENTRIES]);
    });
    if (error != 0)
        return std::nullopt;

    NetlinkRequest each_cpu = question(IPCTNL_MSG_CT_GET_STATS_CPU, AF_UNSPEC, NLM_F_DUMP);
    error = socket->ask(each_cpu, deadline, [&](const nlmsghdr &message) {
        const auto values = attributes_of<nfgenmsg, CTA_STATS_MAX>(message);
        counts.dropped += number_of(values[CTA_STATS_DROP]);
        counts.early_dropped += number_of(values[CTA_STATS_EARLY_DROP]);
        counts.insert_failed += number_of(values[CTA_STATS_INSERT_FAILED]);
        counts.invalid += number_of(values[CTA_STATS_INVALID]);
    });
    return error == 0 ? std::optional(counts) : std::nullopt;
}

std::optional<ConntrackEntry> conntrack_entry(const Connection &connection, Deadline deadline)
{
    auto socket = is_loaded() ? NetlinkSocket::open(NETLINK_NETFILTER) : std::nullopt;
    if (!socket)
        return std::nullopt;
    if (auto entry = ask_for(*socket, connection.initiator, connection.responder, deadline))
        return entry;
    // As the far side of a NAT has it: the tuple of the answers, turned.
    return ask_for(*socket, connection.responder, connection.initiator, deadline);
}

} // namespace tcptrace
