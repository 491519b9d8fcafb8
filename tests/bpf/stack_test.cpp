// SPDX-License-Identifier: Apache-2.0
// The tracepoints, fired by real sockets in a namespace of the test: what the stack says
// of which connection. Not what is made of it: tests/unit/detect, tests/netns.
#include "support/frames.h"
#include "support/stack.h"

#include <tcptrace/stack.h>

#include <arpa/inet.h>
#include <catch2/catch_test_macros.hpp>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Where everywhere[] = {
    {"IPv4", AF_INET, "127.0.0.1", TT_IPV4},
    {"IPv6", AF_INET6, "::1", TT_IPV6},
    {"IPv4 by an IPv6 socket", AF_INET6, "::ffff:127.0.0.1", TT_IPV4},
};

unsigned source_port(const tt_record &record)
{
    return record.key.port[record.sender];
}

unsigned destination_port(const tt_record &record)
{
    return record.key.port[record.sender ^ 1];
}

void check_frame_of(const tt_record &record, const Stack &stack, const Where &where)
{
    tt_address loopback{};
    if (where.family == TT_IPV6)
        loopback.bytes[15] = 1;
    else
        inet_pton(AF_INET6, "::ffff:127.0.0.1", &loopback);
    CHECK(record.witness == TT_WITNESS_STACK);
    CHECK(record.depth == TT_DEPTH_STACK);
    CHECK(record.netns == stack.netns.inode());
    CHECK(record.head_length == 0);
    CHECK(record.wire_length == 0);
    CHECK(record.key.ifindex == 0);
    CHECK(record.key.side == 2);
    CHECK(record.key.family == where.family);
    CHECK(record.segment.family == where.family);
    CHECK(std::memcmp(&record.key.address[0], &loopback, sizeof loopback) == 0);
    CHECK(std::memcmp(&record.key.address[1], &loopback, sizeof loopback) == 0);
}

bool tells_of_resets_without_socket(Stack &stack)
{
    return stack.kernel.passes_reset_reason(); // both came with 6.10
}

} // namespace

TEST_CASE("a closed port: the reset that came, the connect that failed, the reset that was sent")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    for (const Where &where : everywhere) {
        INFO(where.name);
        stack.all.clear();
        int result = 0;
        const UniqueFd client = connect_to(where, 4711, result);
        CHECK(result == -1);

        const auto received = stack.await(TT_HOOK_RECEIVE_RESET);
        REQUIRE(received);
        check_frame_of(*received, stack, where);
        CHECK(received->finding.anomalies == TT_RESET);
        CHECK(received->finding.stage == TT_STAGE_SYN);
        CHECK(received->way == TT_IN);
        CHECK(source_port(*received) == 4711);
        CHECK((received->segment.flags & TT_RST) != 0);
        CHECK(received->stack.state == TT_SOCKET_SYN_SENT);

        const auto failed = stack.await(TT_HOOK_SET_STATE);
        REQUIRE(failed);
        check_frame_of(*failed, stack, where);
        CHECK(failed->finding.anomalies == 0);
        CHECK(failed->stack.new_state == TT_SOCKET_CLOSE);
        CHECK(destination_port(*failed) == 4711);
        CHECK(failed->state.initiator == failed->sender);

        if (!tells_of_resets_without_socket(stack))
            continue;
        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        check_frame_of(*sent, stack, where);
        CHECK(sent->finding.stage == TT_STAGE_SYN);
        CHECK(sent->way == TT_OUT);
        CHECK(source_port(*sent) == 4711);
        CHECK(destination_port(*sent) == source_port(*failed));
        CHECK(sent->stack.knows_reason == 1);
        CHECK(sent->stack.socket == 0);
    }
}

TEST_CASE("a connection that is aborted: before data, after data, after a FIN")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    struct Story {
        const char *name;
        bool data;
        bool fin;
        tt_stage stage;
    };
    Stack stack;
    for (const Story &story : {Story{"before data", false, false, TT_STAGE_HANDSHAKE},
                               Story{"after data", true, false, TT_STAGE_DATA},
                               Story{"after the peer's FIN", true, true, TT_STAGE_CLOSING}}) {
        for (const Where &where : everywhere) {
            INFO(story.name << ", " << where.name);
            stack.all.clear();
            int result = 0;
            const UniqueFd listener = listen_on(where, 4712);
            const UniqueFd client = connect_to(where, 4712, result);
            REQUIRE(result == 0);
            {
                UniqueFd server(accept(listener.get(), nullptr, nullptr));
                if (story.data)
                    REQUIRE(send(client.get(), "hello", 5, 0) == 5);
                if (story.fin)
                    shutdown(client.get(), SHUT_WR);
                poll(nullptr, 0, 20);
                abort_on_close(server);
            }
            const auto sent = stack.await(TT_HOOK_SEND_RESET);
            REQUIRE(sent);
            check_frame_of(*sent, stack, where);
            CHECK(sent->finding.anomalies == TT_RESET);
            CHECK(sent->finding.stage == story.stage);
            CHECK(source_port(*sent) == 4712);
            CHECK(sent->stack.socket != 0);

            const auto received = stack.await(TT_HOOK_RECEIVE_RESET);
            REQUIRE(received);
            check_frame_of(*received, stack, where);
            CHECK(source_port(*received) == 4712);
            CHECK(received->key.port[received->sender ^ 1] == destination_port(*sent));
            CHECK(received->finding.stage == story.stage);
            CHECK(received->stack.data_segments == (story.data ? 1 : 0));
        }
    }
}

TEST_CASE("a SYN that is sent again, with the number of the first")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    if (!stack.netns.run("ip link add tt0 type veth peer name tt1 && ip link set tt0 up && "
                         "ip link set tt1 up && ip addr add 10.98.0.1/24 dev tt0 && "
                         "ip neigh add 10.98.0.2 lladdr 02:00:00:00:00:02 dev tt0"))
        SKIP("cannot make a veth with `ip`");
    const Where silent{"silent", AF_INET, "10.98.0.2", TT_IPV4};
    int result = 0;
    const UniqueFd client = connect_to(silent, 4713, result, SOCK_NONBLOCK);

    const auto again = stack.await(TT_HOOK_RETRANSMIT_SKB, 3000);
    REQUIRE(again);
    CHECK(again->finding.anomalies == TT_SYN_RETRANSMISSION);
    CHECK(again->segment.flags == TT_SYN);
    CHECK(again->segment.sequence != 0);
    CHECK(again->segment.length == 0);
    CHECK(destination_port(*again) == 4713);
    CHECK(again->stack.state == TT_SOCKET_SYN_SENT);
    CHECK(again->state.initiator == again->sender);
    CHECK(again->way == TT_OUT);
}

TEST_CASE("a SYN-ACK that is sent again")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    if (!stack.netns.run("ip link add tt0 address 02:00:00:00:00:01 type veth peer name tt1 && "
                         "ip link set tt0 up && ip link set tt1 up && "
                         "ip addr add 10.98.0.1/24 dev tt0 && "
                         "ip neigh add 10.98.0.2 lladdr 02:00:00:00:00:02 dev tt0"))
        SKIP("cannot make a veth with `ip`");
    const UniqueFd listener = listen_on({"any", AF_INET, "0.0.0.0", TT_IPV4}, 4714);
    ByteVector frame{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    const ByteVector syn = tcp_packet({.source = "10.98.0.2",
                                       .destination = "10.98.0.1",
                                       .source_port = 5555,
                                       .destination_port = 4714});
    frame.insert(frame.end(), syn.begin(), syn.end());
    sockaddr_ll wire{};
    wire.sll_family = AF_PACKET;
    wire.sll_ifindex = static_cast<int>(if_nametoindex("tt1"));
    const UniqueFd sender(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    poll(nullptr, 0, 200); // until both ends have a carrier
    REQUIRE(sendto(sender.get(), frame.data(), frame.size(), 0,
                   reinterpret_cast<const sockaddr *>(&wire),
                   sizeof wire) == static_cast<ssize_t>(frame.size()));

    const auto again = stack.await(TT_HOOK_RETRANSMIT_SYNACK, 4000);
    REQUIRE(again);
    CHECK(again->finding.anomalies == TT_SYNACK_RETRANSMISSION);
    CHECK(again->finding.number == 1);
    CHECK(again->segment.flags == (TT_SYN | TT_ACK));
    CHECK(again->segment.sequence != 0);
    CHECK(source_port(*again) == 4714);
    CHECK(destination_port(*again) == 5555);
    CHECK(again->stack.state == TT_SOCKET_NEW_SYN_RECV);
}

TEST_CASE("data that is sent again")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    int result = 0;
    const UniqueFd listener = listen_on(everywhere[0], 4715);
    const UniqueFd client = connect_to(everywhere[0], 4715, result);
    const UniqueFd server(accept(listener.get(), nullptr, nullptr));
    REQUIRE(result == 0);
    if (!stack.netns.run("nft add table inet tt && nft add chain inet tt in "
                         "'{ type filter hook input priority 0; }' && "
                         "nft add rule inet tt in tcp dport 4715 drop"))
        SKIP("cannot drop packets with nft");
    REQUIRE(send(client.get(), "lost", 4, 0) == 4);

    const auto again = stack.await(TT_HOOK_RETRANSMIT_SKB, 3000);
    REQUIRE(again);
    CHECK(again->finding.anomalies == TT_RETRANSMISSION);
    CHECK(again->segment.length == 4);
    CHECK((again->segment.flags & (TT_ACK | TT_SYN)) == TT_ACK);
    CHECK(destination_port(*again) == 4715);
    CHECK(again->stack.state == TT_SOCKET_ESTABLISHED);
    CHECK(again->stack.data_segments >= 1);
}

TEST_CASE("what another namespace's stack sends again is told")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    const PrivateNetns other;
    int result = 0;
    const UniqueFd listener = listen_on(everywhere[0], 4718);
    const UniqueFd client = connect_to(everywhere[0], 4718, result);
    const UniqueFd server(accept(listener.get(), nullptr, nullptr));
    REQUIRE(result == 0);
    if (!other.run("nft add table inet tt && nft add chain inet tt in "
                   "'{ type filter hook input priority 0; }' && "
                   "nft add rule inet tt in tcp dport 4718 drop"))
        SKIP("cannot drop packets with nft");
    REQUIRE(send(client.get(), "lost", 4, 0) == 4);
    const auto again = stack.await(TT_HOOK_RETRANSMIT_SKB, 3000);
    REQUIRE(again);
    CHECK(again->netns == other.inode());
    CHECK(destination_port(*again) == 4718);
}

TEST_CASE("what comes to other namespaces' stacks is skipped, and counted")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    {
        const PrivateNetns other;
        int result = 0;
        connect_to(everywhere[0], 4716, result);
        CHECK(result == -1);
    }
    CHECK_FALSE(stack.await(TT_HOOK_RECEIVE_RESET, 50));
    CHECK(stack.kernel.counters().skip_netns >= 2);
}

TEST_CASE("a connect that found no local port: told with port 0 and the server's")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    if (!stack.netns.run("sysctl -qw net.ipv4.ip_local_port_range='40000 40001'"))
        SKIP("cannot narrow the range of local ports");
    for (const Where &where : everywhere) {
        CAPTURE(where.name);
        const UniqueFd listener = listen_on(where, 4717);
        std::vector<UniqueFd> taken;
        int result = 0;
        stack.all.clear();
        while (result == 0 && taken.size() < 4)
            taken.push_back(connect_to(where, 4717, result));
        REQUIRE(result == -1);

        const auto failed = stack.await(TT_HOOK_SET_STATE);
        REQUIRE(failed);
        CHECK(source_port(*failed) == 0);
        CHECK(destination_port(*failed) == 4717);
        CHECK(failed->segment.family == where.family);
        CHECK(failed->state.initiator == failed->sender);
        for (const UniqueFd &socket : taken)
            abort_on_close(socket);
    }
}
