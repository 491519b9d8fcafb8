// SPDX-License-Identifier: Apache-2.0
// Drops of real stacks in namespaces of the test, client -- router -- server: what the kernel
// program tells of each, and that it tells nothing of healthy connections.
#include "support/stack.h"

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

const std::string router = fmt::format("drops-t{}-r", getpid());
const std::string server = fmt::format("drops-t{}-s", getpid());

constexpr Where client_to_server[] = {
    {"IPv4", AF_INET, "10.61.22.2", TT_IPV4},
    {"IPv6", AF_INET6, "fd61:22::2", TT_IPV6},
};

std::uint32_t inode_of(const std::string &netns)
{
    struct stat status{};
    stat(("/run/netns/" + netns).c_str(), &status);
    return static_cast<std::uint32_t>(status.st_ino);
}

// Links, addresses and neighbours take a moment: until a closed port refuses.
bool reaches_server(const Where &where)
{
    for (int tries = 0; tries < 50; tries++) {
        int result = 0;
        const UniqueFd client = connect_to(where, 9, result, SOCK_NONBLOCK);
        pollfd answered{client.get(), POLLOUT, 0};
        if (poll(&answered, 1, 100) == 1 && (answered.revents & POLLERR))
            return true;
    }
    return false;
}

// The calling thread is in the client's namespace; the tracepoints see all three.
struct Path {
    Stack stack;
    bool whole = false;

    Path()
    {
        const std::string script = fmt::format(
            "set -e; for n in {0} {1}; do ip netns add $n; ip -n $n link set lo up; done\n"
            "ip link add c0 type veth peer name rc netns {0}\n"
            "ip -n {0} link add rs type veth peer name s0 netns {1}\n"
            "ip addr add 10.61.21.2/24 dev c0; ip addr add fd61:21::2/64 dev c0 nodad\n"
            "ip -n {0} addr add 10.61.21.1/24 dev rc; ip -n {0} addr add fd61:21::1/64 dev rc "
            "nodad\n"
            "ip -n {0} addr add 10.61.22.1/24 dev rs; ip -n {0} addr add fd61:22::1/64 dev rs "
            "nodad\n"
            "ip -n {1} addr add 10.61.22.2/24 dev s0; ip -n {1} addr add fd61:22::2/64 dev s0 "
            "nodad\n"
            "ip link set c0 up; ip -n {0} link set rc up; ip -n {0} link set rs up\n"
            "ip -n {1} link set s0 up\n"
            "ip route add default via 10.61.21.1; ip -6 route add default via fd61:21::1\n"
            "ip -n {1} route add default via 10.61.22.1\n"
            "ip -n {1} -6 route add default via fd61:22::1\n"
            "ip netns exec {0} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
            router, server);
        whole = stack.netns.run("(" + script + ")");
        for (const Where &where : client_to_server)
            whole = whole && reaches_server(where);
    }
    Path(const Path &) = delete;
    Path &operator=(const Path &) = delete;
    ~Path()
    {
        stack.netns.run("ip netns del " + router);
        stack.netns.run("ip netns del " + server);
    }

    [[nodiscard]] bool filter(const std::string &netns, const std::string &rules) const
    {
        const std::string inside = netns.empty() ? "" : "ip netns exec " + netns + " ";
        return stack.netns.run(inside + "nft flush ruleset && " + inside + "nft '" + rules + "'");
    }
    // The server listens on `port` while this lives.
    [[nodiscard]] static UniqueFd listen(const Where &where, std::uint16_t port)
    {
        const UniqueFd home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        const UniqueFd there(open(("/run/netns/" + server).c_str(), O_RDONLY | O_CLOEXEC));
        REQUIRE(setns(there.get(), CLONE_NEWNET) == 0);
        UniqueFd socket = listen_on(where, port);
        REQUIRE(setns(home.get(), CLONE_NEWNET) == 0);
        return socket;
    }
    // The first drop of a segment to or from `port` within `ms`.
    std::optional<tt_record> await_drop(std::uint16_t port, int ms = 500)
    {
        const auto is = [port](const tt_record &record) {
            return record.hook == TT_HOOK_DROP &&
                   (record.key.port[0] == port || record.key.port[1] == port);
        };
        for (int waited = 0; waited <= ms; waited += 20) {
            for (const Heard &heard : stack.kernel.hear())
                stack.all.push_back(heard.record);
            if (const auto found = std::ranges::find_if(stack.all, is); found != stack.all.end())
                return *found;
            poll(nullptr, 0, 20);
        }
        return std::nullopt;
    }
};

bool has_reasons(const tt_record &record)
{
    return record.drop.knows_reason;
}

// A hook at which a rule drops SYNs, and what is to be told then.
struct Barrier {
    const char *netns; // "", "r" or "s"
    const char *chain; // type and hook, as nft wants them
    const char *family;
    const char *hook;
    const char *interface;
    tt_way way;
};

constexpr Barrier barriers[] = {
    {"", "type filter hook output priority 0;", "inet", "output", "c0", TT_OUT},
    {"r", "type filter hook prerouting priority 0;", "inet", "prerouting", "rc", TT_IN},
    {"r", "type filter hook forward priority 0;", "inet", "forward", "rc", TT_IN},
    {"r", "type filter hook postrouting priority 0;", "inet", "postrouting", "rs", TT_OUT},
    {"s", "type filter hook input priority 0;", "inet", "input", "s0", TT_IN},
    {"s", "type filter hook ingress device s0 priority 0;", "netdev", "ingress", "s0", TT_IN},
};

void check_drop(Path &path, const Barrier &at, const Where &where, std::uint16_t port)
{
    INFO(at.hook << ", " << where.name);
    const std::string netns = at.netns[0] == 'r' ? router : at.netns[0] == 's' ? server : "";
    if (!path.filter(netns, fmt::format("table {0} t {{ chain c {{ {1} tcp dport {2} drop; }}; }}",
                                        at.family, at.chain, port))) {
        CHECK(std::string_view(at.family) == "netdev"); // what a kernel may be built without
        return;
    }
    path.stack.all.clear();
    int result = 0;
    const UniqueFd client = connect_to(where, port, result, SOCK_NONBLOCK);
    const auto told = path.await_drop(port);
    REQUIRE(told);
    const DropName name = KernelSide::name_of(told->drop);
    CHECK(told->finding.anomalies == TT_DROP);
    CHECK(told->witness == TT_WITNESS_STACK);
    CHECK(told->netns == (netns.empty() ? path.stack.netns.inode() : inode_of(netns)));
    CHECK(std::string(told->drop.interface) == at.interface);
    CHECK(told->drop.ifindex != 0);
    CHECK(told->way == at.way);
    CHECK(name.hook == at.hook);
    CHECK((name.function == "nft_do_chain" || name.function == "nf_hook_slow"));
    if (has_reasons(*told))
        CHECK(name.reason == "NETFILTER_DROP");
    CHECK(told->segment.flags == TT_SYN);
    CHECK(told->segment.family == where.family);
    CHECK(told->key.port[told->sender ^ 1] == port);
    CHECK(told->state.initiator == told->sender);
    // The packet itself, from its IP header on.
    CHECK(told->link == TT_LINK_RAW);
    CHECK(told->head_length == told->wire_length);
    CHECK(told->head[0] >> 4 == where.family);
    path.stack.netns.run((netns.empty() ? "" : "ip netns exec " + netns + " ") +
                         "nft flush ruleset");
}

enum class Closes { Client, Server, HalfAtOnce };

void send_all(const UniqueFd &socket, std::size_t bytes)
{
    const std::string data(bytes, 'x');
    REQUIRE(send(socket.get(), data.data(), bytes, 0) == static_cast<ssize_t>(bytes));
}

void receive_all(const UniqueFd &socket, std::size_t bytes)
{
    std::string data(bytes, '.');
    REQUIRE(recv(socket.get(), data.data(), bytes, MSG_WAITALL) == static_cast<ssize_t>(bytes));
}

// A request and its answer. With HalfAtOnce the client says at once that it has no more to
// say, and takes the answer all the same.
void converse(const Where &where, const UniqueFd &listener, std::uint16_t port, Closes closes)
{
    constexpr std::size_t question = 200;
    constexpr std::size_t answer = 30'000;
    int result = 0;
    UniqueFd client = connect_to(where, port, result);
    REQUIRE(result == 0);
    UniqueFd accepted(accept(listener.get(), nullptr, nullptr));
    send_all(client, question);
    if (closes == Closes::HalfAtOnce)
        shutdown(client.get(), SHUT_WR);
    receive_all(accepted, question);
    send_all(accepted, answer);
    receive_all(client, answer);
    UniqueFd &first = closes == Closes::Client ? client : accepted;
    UniqueFd &second = closes == Closes::Client ? accepted : client;
    first = UniqueFd{};
    char end = 0;
    CHECK(recv(second.get(), &end, 1, 0) == 0);
}

} // namespace

TEST_CASE("a SYN that netfilter drops: reason, function, hook, interface, namespace")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Path path;
    if (!path.whole)
        SKIP("cannot make three namespaces with `ip`");
    if (!path.filter("", "table inet t { }"))
        SKIP("cannot filter with nft");
    std::uint16_t port = 4720;
    for (const Where &where : client_to_server) {
        for (const Barrier &barrier : barriers)
            check_drop(path, barrier, where, port++);
    }
}

TEST_CASE("a closed port, behind a router")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Path path;
    if (!path.whole)
        SKIP("cannot make three namespaces with `ip`");
    for (const Where &where : client_to_server) {
        INFO(where.name);
        int result = 0;
        connect_to(where, 4740, result);
        CHECK(result == -1);
        const auto told = path.await_drop(4740, 100);
        path.stack.all.clear();
        if (!told) // before 5.17: nothing tells it from healthy ones
            continue;
        const DropName name = KernelSide::name_of(told->drop);
        CHECK(name.reason == "NO_SOCKET");
        CHECK(name.function == (where.family == TT_IPV4 ? "tcp_v4_rcv" : "tcp_v6_rcv"));
        CHECK(name.hook.empty());
        CHECK(told->netns == inode_of(server));
        CHECK(std::string(told->drop.interface) == "s0");
    }
}

TEST_CASE("healthy connections: packets are freed, no drop is told")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Path path;
    if (!path.whole)
        SKIP("cannot make three namespaces with `ip`");
    for (const Where &where : client_to_server) {
        const UniqueFd listener = Path::listen(where, 4741);
        for (int i = 0; i < 200; i++)
            converse(where, listener, 4741, static_cast<Closes>(i % 3));
    }
    CHECK_FALSE(path.await_drop(4741, 200));
    CHECK(path.stack.kernel.counters().drops_quiet > 0); // or it was not these that were freed
}

TEST_CASE("a storm of drops: a few are told, all are counted")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Path path;
    if (!path.whole || !path.filter("", "table inet t { chain c { type filter hook output "
                                        "priority 0; tcp dport 4742 drop; }; }"))
        SKIP("cannot make namespaces or rules");
    constexpr unsigned storm = 800;
    std::vector<UniqueFd> sockets; // closed last: that is told of as well
    for (unsigned i = 0; i < storm; i++) {
        int result = 0;
        sockets.push_back(connect_to(client_to_server[0], 4742, result, SOCK_NONBLOCK));
    }
    const auto first = path.await_drop(4742, 100);
    REQUIRE(first);
    const auto told = static_cast<std::uint64_t>(
        std::ranges::count(path.stack.all, TT_HOOK_DROP, &tt_record::hook));
    const tt_counters counted = path.stack.kernel.counters();
    CHECK(told < storm);
    CHECK(counted.drops_over_budget > 0);
    CHECK(counted.records_lost == 0);
    // Other drops of this machine, and SYNs that are sent again meanwhile, are counted as well.
    CHECK(told + counted.drops_over_budget + counted.events_suppressed >= storm);
}

TEST_CASE("drops of one connection: the first of each second are told, and how many others")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Path path;
    if (!path.whole)
        SKIP("cannot make three namespaces with `ip`");
    const UniqueFd listener = Path::listen(client_to_server[0], 4743);
    int result = 0;
    const UniqueFd client = connect_to(client_to_server[0], 4743, result);
    const UniqueFd accepted(accept(listener.get(), nullptr, nullptr));
    if (!path.filter("", "table inet t { chain c { type filter hook output priority 0; tcp dport "
                         "4743 drop; }; }"))
        SKIP("cannot filter with nft");
    const int at_once = 1;
    setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    // An initial window is ten segments; then the timer repeats the first.
    for (int i = 0; i < 10; i++)
        REQUIRE(send(client.get(), "x", 1, 0) == 1);
    REQUIRE(path.await_drop(4743));
    poll(nullptr, 0, 2000);
    path.await_drop(0, 20);
    std::uint64_t told = 0;
    std::uint64_t suppressed = 0;
    for (const tt_record &record : path.stack.all) {
        if (record.hook == TT_HOOK_DROP) {
            told++;
            suppressed += record.finding.suppressed;
        }
    }
    CHECK(suppressed >= 2);
    CHECK(told >= TT_DROPS_TOLD_OF_FLOW + 1);
    CHECK(told + suppressed >= 11);
}
