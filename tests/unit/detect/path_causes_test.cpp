// SPDX-License-Identifier: Apache-2.0
// What syn_timeout and packet_loss make of the kernel's drops and of what this machine knows.
#include "support/judged.h"

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::uint32_t here = 4026531840; // a network namespace
constexpr std::uint32_t router = 4026532000;

// Of `flags`, twice, by the client or the server (in that order of the flow's ends).
DropSeen drop(std::string reason, std::string function, std::uint8_t flags = TT_SYN,
              bool of_server = false)
{
    return {.reason = std::move(reason),
            .function = std::move(function),
            .hook = {},
            .interface = "veth1",
            .netns = router,
            .sender = static_cast<std::uint8_t>(of_server),
            .flags = flags,
            .count = 2,
            .first_ns = 1000 * TT_NSEC_PER_MSEC,
            .last_ns = 2000 * TT_NSEC_PER_MSEC,
            .harmless = false};
}

ProcessName api()
{
    ProcessName process;
    process.pid = 42;
    process.name = "api";
    return process;
}

NeighbourFact failed_neighbour()
{
    NeighbourFact neighbour;
    neighbour.state = NeighbourState::Failed;
    return neighbour;
}

// The index of the client depends on the order of addresses.
DropSeen by(const Judged &judged, DropSeen seen)
{
    seen.sender = static_cast<std::uint8_t>(judged.flow().initiator() ^ seen.sender);
    return seen;
}

// A SYN sent three times.
Judged unanswered()
{
    Judged judged;
    judged.say(0, syn).say(1000, syn).say(2000, syn);
    return judged;
}

struct Told {
    std::string cause;
    std::string locus;
    Confidence confidence = Confidence::Possible;
    friend bool operator==(const Told &, const Told &) = default;
};

Told told(const Judged &judged, std::string_view id = "syn_timeout", double ms = 4000)
{
    const auto verdict = judged.verdict(id, ms);
    CHECK(judged.of(id, ms) == (verdict ? std::string(verdict->cause) : "none")); // has words
    if (!verdict)
        return {"none", "", Confidence::Possible};
    return {std::string(verdict->cause), std::string(verdict->locus), verdict->confidence};
}

Told told(const HostFacts &facts, Judged judged = unanswered())
{
    judged.learn(facts);
    return told(judged);
}

EndFacts server_with(StackCounters counters, std::uint32_t queued = 0)
{
    EndFacts server;
    server.netns = here;
    server.listeners_known = true;
    auto &listener = server.listeners.emplace_back(ListenerFact{{{}, 80}, true, queued, 128});
    listener.owner = api();
    listener.takes_it = true;
    server.route = RouteFact{.kind = RouteKind::Unicast, .interface = "eth0"};
    server.counters = counters;
    return server;
}

HostFacts facts_of_server(EndFacts server)
{
    HostFacts facts;
    facts.ends[1] = std::move(server);
    return facts;
}

HostFacts facts_of_client(EndFacts client)
{
    HostFacts facts;
    facts.ends[0] = std::move(client);
    return facts;
}

} // namespace

TEST_CASE("syn_timeout: the kernel's reason and place of the SYN's drop name the cause")
{
    struct Row {
        const char *reason, *function, *cause, *locus;
    };
    for (const Row &row :
         {Row{"NETFILTER_DROP", "nft_do_chain", "filtered_on_this_node", "dropped_here"},
          Row{"NETFILTER_DROP", "nf_hook_slow", "filtered_on_this_node", "dropped_here"},
          Row{"TC_INGRESS", "__netif_receive_skb_core.constprop.0", "filtered_on_this_node",
              "dropped_here"},
          Row{"NOT_SPECIFIED", "do_xdp_generic", "filtered_on_this_node", "dropped_here"},
          Row{"IP_RPFILTER", "ip_rcv_finish_core", "reverse_path_filter", "dropped_here"},
          Row{"IP_INNOROUTES", "ip_error", "no_route", "dropped_here"},
          Row{"NOT_SPECIFIED", "ip_error", "no_route", "dropped_here"},
          Row{"IP_INADDRERRORS", "ip_error", "no_route", "dropped_here"},
          Row{"IP_INNOROUTES", "ip6_pkt_discard", "no_route", "dropped_here"},
          Row{"NEIGH_FAILED", "neigh_invalidate", "host_unreachable", "dropped_here"},
          Row{"NOT_SPECIFIED", "neigh_invalidate", "host_unreachable", "dropped_here"},
          Row{"TCP_CSUM", "tcp_v4_rcv", "no_reply", "dropped_here"}}) {
        CAPTURE(row.reason, row.function);
        Judged judged = unanswered();
        judged.drop(by(judged, drop(row.reason, row.function)));
        const Told found = told(judged);
        CHECK(found.cause == row.cause);
        CHECK(found.locus == row.locus);
        CHECK((found.confidence == Confidence::Certain) == (found.cause != "no_reply"));
    }
}

TEST_CASE("syn_timeout: a harmless drop explains nothing")
{
    Judged judged = unanswered();
    DropSeen seen = by(judged, drop("NOT_SPECIFIED", "nft_do_chain"));
    seen.harmless = true;
    judged.drop(seen);
    CHECK(told(judged).cause == "no_reply");
}

TEST_CASE("syn_timeout: how far the SYN came that was dropped")
{
    Judged judged;
    judged.say(0, syn).say(1000, syn).say(2000, syn);
    judged.drop(by(judged, drop("NETFILTER_DROP", "nft_do_chain")));
    const bool left = judged.flow().syn_went(TT_OUT);
    const std::string &where = judged.told("syn_timeout", 4000).words.where;
    CHECK(where.starts_with("dropped on this node: NETFILTER_DROP in nft_do_chain"));
    CHECK(where.contains("; it was seen on eth0"));
    CHECK(where.contains(", and never left") == !left);
    // Before 5.17.
    Judged old = unanswered();
    old.drop(by(old, drop("", "nft_do_chain")));
    CHECK(old.told("syn_timeout", 4000)
              .words.where.starts_with("dropped on this node in nft_do_chain"));
}

TEST_CASE("syn_timeout: SYNs that never left the stack")
{
    Judged judged;
    for (const double ms : {1000, 2000, 3000})
        judged.unsent(ms, syn, 16); // EBUSY: the first copy still waits
    judged.connect_failed(3100);
    CHECK(told(judged).locus == "never_sent");
}

TEST_CASE("syn_timeout: a SYN-ACK that this node drops")
{
    constexpr std::uint8_t synack_flags = TT_SYN | TT_ACK;
    struct Row {
        const char *reason, *function, *cause;
    };
    for (const Row &row : {Row{"NETFILTER_DROP", "nft_do_chain", "filtered_on_this_node"},
                           Row{"NOT_SPECIFIED", "ip_error", "synack_lost"},
                           Row{"TCP_CSUM", "tcp_v4_rcv", "synack_lost"}}) {
        CAPTURE(row.reason);
        Judged judged = unanswered();
        judged.drop(by(judged, drop("NOT_SPECIFIED", "tcp_v4_rcv")))
            .drop(by(judged, drop(row.reason, row.function, synack_flags, true)));
        CHECK(told(judged) == Told{row.cause, "reply_dropped_here", Confidence::Certain});
    }
    Judged at_server = unanswered();
    DropSeen seen = by(at_server, drop("IP_OUTNOROUTES", "ip_error", synack_flags, true));
    seen.netns = here;
    at_server.drop(seen).learn(facts_of_server(server_with({})));
    CHECK(told(at_server).cause == "no_return_route");
}

TEST_CASE("syn_timeout: a full connection table drops where a rule would")
{
    HostFacts facts;
    EndFacts between;
    between.netns = router;
    between.conntrack = ConntrackFact{.count = 65536, .max = 65536, .dropped = 3};
    facts.between.push_back(between);
    Judged judged = unanswered();
    judged.drop(by(judged, drop("NETFILTER_DROP", "nf_hook_slow"))).learn(facts);
    CHECK(told(judged) == Told{"conntrack_full", "dropped_here", Confidence::Certain});

    facts.between[0].conntrack->dropped = 0; // full, but nothing was refused for it
    judged.learn(facts);
    CHECK(told(judged).cause == "filtered_on_this_node");
}

TEST_CASE("syn_timeout: the rule is named, with what lists it")
{
    HostFacts facts;
    facts.rule = FirewallRule{.netns = router,
                              .family = "inet",
                              .table = "filter",
                              .chain = "forward",
                              .hook = "forward",
                              .text = "tcp dport 80 drop",
                              .comment = "deny-all",
                              .list_it = "nft list chain inet filter forward",
                              .counted = true};
    Judged judged = unanswered();
    judged.drop(by(judged, drop("NETFILTER_DROP", "nft_do_chain"))).learn(facts);
    const Diagnosis words = judged.told("syn_timeout", 4000).words;
    REQUIRE(words.drop);
    CHECK(words.drop->reason == "NETFILTER_DROP");
    CHECK(words.drop->function == "nft_do_chain");
    CHECK(words.drop->interface == "veth1");
    CHECK(words.drop->netns == router);
    CHECK(words.drop->rule == "inet filter forward tcp dport 80 drop (deny-all)");
    CHECK(words.where.contains("NETFILTER_DROP in nft_do_chain"));
    CHECK(words.where.contains("inet filter forward tcp dport 80 drop"));
    CHECK(words.where.contains("deny-all"));
    CHECK(words.advice.front() == "nft list chain inet filter forward");

    facts.rule->netns = here; // of another namespace: not this drop's
    judged.learn(facts);
    CHECK_FALSE(judged.told("syn_timeout", 4000).words.where.contains("deny-all"));
    CHECK(judged.told("syn_timeout", 4000).words.drop->rule.empty());
}

TEST_CASE("syn_timeout: the server drops without a word, its counters and queues speak")
{
    const Told accept{"accept_queue_full", "arrived_unanswered", Confidence::Certain};
    CHECK(told(facts_of_server(server_with({.listen_overflows = 3, .listen_drops = 3}, 129))) ==
          accept);
    CHECK(told(facts_of_server(server_with({.listen_overflows = 3, .listen_drops = 3}))) ==
          Told{"accept_queue_full", "arrived_unanswered", Confidence::Likely});
    CHECK(told(facts_of_server(server_with({.listen_drops = 3, .request_queue_full_drops = 3}))) ==
          Told{"syn_queue_full", "arrived_unanswered", Confidence::Likely});
    CHECK(told(facts_of_server(server_with({.listen_drops = 3}))).cause == "syn_queue_full");
    CHECK(told(facts_of_server(server_with({.listen_drops = 1}))).cause == "no_reply");
    CHECK(told(facts_of_server(server_with({.listen_drops = 3, .syncookies_sent = 1}))).cause ==
          "no_reply");
    CHECK(told(facts_of_server(server_with({.listen_drops = 3, .no_routes_out = 3}))) ==
          Told{"no_return_route", "arrived_unanswered", Confidence::Likely});
    CHECK(told(facts_of_server(server_with({.reverse_path_filtered = 3}))).cause ==
          "reverse_path_filter");
    EndFacts lost = server_with({});
    lost.route->kind = RouteKind::None;
    CHECK(told(facts_of_server(lost)) ==
          Told{"no_return_route", "arrived_unanswered", Confidence::Certain});
    CHECK(told(facts_of_server(server_with({}))).cause == "no_reply");
}

TEST_CASE("syn_timeout: a SYN that was seen leaving is not held back by this machine's tables")
{
    EndFacts client;
    client.neighbour = failed_neighbour();
    CHECK(told(facts_of_client(client)) ==
          Told{"no_reply", "left_this_node", Confidence::Possible});
}

TEST_CASE("syn_timeout: what never left: only the stack and a drop tell of it")
{
    Judged judged;
    judged.stack(0, syn, 0);
    judged.drop(by(judged, drop("NEIGH_FAILED", "neigh_invalidate")));
    CHECK(told(judged) == Told{"host_unreachable", "never_sent", Confidence::Certain});

    EndFacts client;
    client.netns = here; // a router's neighbour is missing, and no interface of it is watched
    judged.learn(facts_of_client(client));
    CHECK(told(judged) == Told{"host_unreachable", "dropped_here", Confidence::Certain});

    client.neighbour = failed_neighbour();
    Judged silent;
    silent.stack(0, syn, TT_SYN_RETRANSMISSION).stack(2000, syn, TT_SYN_RETRANSMISSION);
    CHECK(told(facts_of_client(client), silent) ==
          Told{"host_unreachable", "never_sent", Confidence::Certain});
    client.neighbour.reset();
    client.route = RouteFact{.kind = RouteKind::Blackhole, .interface = {}};
    CHECK(told(facts_of_client(client), silent) ==
          Told{"no_route", "never_sent", Confidence::Certain});
}

TEST_CASE("syn_timeout: the client is connected, the server had no room")
{
    Judged judged;
    judged.handshake();
    CHECK(told(judged).cause == "none");
    judged.drop(by(judged, drop("TCP_LISTEN_OVERFLOW", "tcp_v4_rcv", TT_ACK)));
    CHECK(told(judged) == Told{"accept_queue_full", "arrived_unanswered", Confidence::Certain});

    Judged deferred; // TCP_DEFER_ACCEPT: the SYN-ACK again, and an overflow of somebody else's
    deferred.handshake().say(7000, synack).say(7001, ack);
    deferred.learn(facts_of_server(server_with({.listen_overflows = 1, .deferred_accepts = 1})));
    CHECK(told(deferred, "syn_timeout", 8000).cause == "none");
}

TEST_CASE("packet_loss: the kernel's reason names the cause")
{
    struct Row {
        const char *reason, *function, *cause;
    };
    for (const Row &row : {Row{"NETFILTER_DROP", "nft_do_chain", "filtered_on_this_node"},
                           Row{"TC_EGRESS", "__dev_queue_xmit", "filtered_on_this_node"},
                           Row{"PKT_TOO_BIG", "ip_forward", "mtu_black_hole"},
                           Row{"NOT_SPECIFIED", "__dev_forward_skb2", "mtu_black_hole"},
                           Row{"SOCKET_RCVBUFF", "tcp_data_queue", "receive_buffer_full"},
                           Row{"PROTO_MEM", "tcp_data_queue", "receive_buffer_full"},
                           Row{"NEIGH_FAILED", "neigh_invalidate", "peer_gone"},
                           Row{"QDISC_DROP", "__dev_queue_xmit", "network_loss"}}) {
        CAPTURE(row.reason);
        Judged judged;
        judged.handshake();
        for (const double ms : {1000, 1300, 1900})
            judged.say(ms, data(101, 100));
        judged.drop(by(judged, drop(row.reason, row.function, TT_ACK)));
        CHECK(told(judged, "packet_loss") == Told{row.cause, "", Confidence::Certain});
    }
}

TEST_CASE("packet_loss: a firewall's drops speak where no repetition is told, but not at the end")
{
    Judged judged;
    judged.handshake();
    judged.drop(by(judged, drop("NETFILTER_DROP", "nft_do_chain", TT_ACK)));
    CHECK(told(judged, "packet_loss").cause == "none"); // two
    judged.drop(by(judged, drop("NETFILTER_DROP", "nft_do_chain", TT_ACK)));
    CHECK(told(judged, "packet_loss").cause == "filtered_on_this_node");
    judged.say(500, {.flags = TT_FIN | TT_ACK, .sequence = 101, .acknowledgment = 901});
    judged.say(
        510,
        {.from_client = false, .flags = TT_FIN | TT_ACK, .sequence = 901, .acknowledgment = 102});
    CHECK(told(judged, "packet_loss").cause == "none");
}

TEST_CASE("packet_loss: a path MTU that was found is none")
{
    Judged judged;
    judged.handshake();
    for (int i = 0; i < 4; i++) {
        const std::uint32_t at = 101 + 1448U * static_cast<std::uint32_t>(i);
        const double ms = 1000 + 1000 * i;
        judged.say(ms, data(at, 1448)).icmp(ms + 1, data(at, 1448), 3, 4);
        judged.say(ms + 300, data(at, 1248)).say(ms + 310, answer(at + 1448));
    }
    CHECK(judged.flow().count(TT_RETRANSMISSION) >= 3);
    CHECK(told(judged, "packet_loss", 6000).cause == "none");
}

TEST_CASE("packet_loss: a copy that was cut smaller got through")
{
    Judged judged;
    judged.handshake().say(100, data(101, 5000)).say(110, answer(5101));
    for (const double ms : {1000, 1300, 1900, 3100})
        judged.say(ms, data(5101, 1448));
    CHECK(told(judged, "packet_loss", 3100).cause == "peer_gone");
    judged.say(5500, data(5101, 1024)).say(5501, answer(6125));
    CHECK(told(judged, "packet_loss", 5600).cause == "mtu_black_hole");
}

TEST_CASE("packet_loss: the receiver waits for what it never got")
{
    Judged judged;
    judged.handshake().say(100, data(101, 100)).say(110, answer(201));
    judged.say(200, data(301, 100)).say(201, answer(201));
    CHECK(told(judged, "packet_loss", 900).cause == "none");
    judged.say(1300, answer(201));
    CHECK(told(judged, "packet_loss", 1400) == Told{"network_loss", "", Confidence::Possible});
    judged.say(1500, data(201, 100)).say(1501, answer(401));
    CHECK(told(judged, "packet_loss", 1600).cause == "none");
}

TEST_CASE("zero_window: the reader's process and what it left unread")
{
    Judged judged;
    judged.handshake().say(1000, answer(101, 0));
    HostFacts facts = facts_of_server(server_with({}));
    facts.ends[1]->socket = SocketFact{1, 65536, 0, api()};
    judged.learn(facts);
    const Told unread{"receiver_not_reading", "", Confidence::Certain};
    CHECK(told(judged, "zero_window", 3000) == unread);
    const auto words = judged.told("zero_window", 3000).words;
    CHECK((words.why.contains("65536 bytes wait") && words.who.contains("pid 42 api")));
}
