// SPDX-License-Identifier: Apache-2.0
#include "detect/syn_words.h"

#include "detect/drop_words.h"
#include "detect/drops.h"
#include "detect/syn_path.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace tcptrace {

namespace {

struct Names {
    std::string client; // addresses
    std::string server;
    std::uint16_t port;
};

std::string_view segment_name(const DropSeen &drop)
{
    if (drop.flags & TT_RST)
        return "RST";
    return drop.flags & TT_ACK ? "SYN-ACK" : "SYN";
}

void say_where(const Flow &flow, Diagnosis &diagnosis)
{
    const DropSeen *reply = reply_drop(flow);
    const DropSeen *drop = reply ? reply : syn_drop(flow);

    if (drop) {
        describe_drop(flow, *drop, diagnosis);
        if (reply)
            diagnosis.where.insert(0, fmt::format("the {} was ", segment_name(*reply)));
    } else if (const std::string path = syn_path_words(flow); !path.empty()) {
        diagnosis.where = "the SYN was seen " + path;
    }
}

void filtered(const Flow &flow, const Names &, Diagnosis &diagnosis)
{
    const DropSeen *reply = reply_drop(flow);
    const DropSeen &drop = reply ? *reply : *syn_drop(flow);
    const bool netfilter = is_by_netfilter(drop);

    diagnosis.why = fmt::format("{} on this node drops the {}",
                                netfilter ? "a firewall rule or NetworkPolicy"
                                          : "a program at an interface (tc, XDP or cgroup)",
                                segment_name(drop));
    diagnosis.advice = {filter_advice(flow, drop)};
    if (netfilter)
        diagnosis.advice.emplace_back("kubectl get networkpolicy --all-namespaces");
}

void conntrack_full(const Flow &, const Names &, Diagnosis &diagnosis)
{
    diagnosis.why = "the connection tracking table is full: new connections are dropped";
    diagnosis.advice = {"sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
                        "raise nf_conntrack_max, shorten nf_conntrack_tcp_timeout_established, or "
                        "exempt the traffic (notrack)"};
}

void reverse_path(const Flow &, const Names &names, Diagnosis &diagnosis)
{
    diagnosis.why = fmt::format("the reverse path filter drops it: by this machine's routes {} is "
                                "not behind the interface the packet came in by",
                                names.client);
    diagnosis.advice = {fmt::format("ip route get {}", names.client),
                        "sysctl -a --pattern rp_filter; 2 (loose) suits asymmetric routes"};
}

void accept_queue(const Flow &flow, const Names &names, Diagnosis &diagnosis)
{
    const ListenerFact *listener = listener_of(flow);

    diagnosis.why = "the listener's accept queue is full: its application does not accept(), or "
                    "not fast enough";
    if (listener)
        diagnosis.why +=
            fmt::format("; {} wait, the backlog is {}",
                        counted(listener->queued, "connection", "connections"), listener->backlog);
    if (listener)
        name_process(listener->owner, diagnosis);
    diagnosis.advice = {fmt::format("ss -ltn 'sport = :{}': Recv-Q against Send-Q", names.port),
                        "is the application stuck, or starved? Only then: a longer backlog, "
                        "net.core.somaxconn"};
}

void syn_queue(const Flow &, const Names &, Diagnosis &diagnosis)
{
    diagnosis.why = "the queue of half-open connections is full and SYN cookies are off";
    diagnosis.advice = {"sysctl net.ipv4.tcp_syncookies=1",
                        "nstat -az TcpExtTCPReqQFullDrop; is it a SYN flood?"};
}

void synack_lost(const Flow &flow, const Names &names, Diagnosis &diagnosis)
{
    diagnosis.why = "the server answers, but its SYN-ACKs do not reach the client";
    if (reply_drop(flow))
        diagnosis.why += ": this node drops them";
    diagnosis.advice = {"look for a firewall or a different route on the way back",
                        fmt::format("ip route get {}", names.client)};
}

void host_unreachable(const Flow &flow, const Names &names, Diagnosis &diagnosis)
{
    diagnosis.why = flow.icmp() ? fmt::format("{} says by ICMP that the host cannot be reached",
                                              to_string(flow.icmp()->from))
                                : "the next hop does not answer ARP or neighbour discovery";
    diagnosis.advice = {
        fmt::format("ip route get {}; ip neigh", names.server),
        fmt::format("is {} up, and does it answer in its own network?", names.server)};
}

void no_route(const Flow &, const Names &names, Diagnosis &diagnosis)
{
    diagnosis.why = fmt::format("this node has no route to {}, or one that discards", names.server);
    diagnosis.advice = {fmt::format("ip route get {}", names.server), "ip route; ip rule"};
}

void no_return_route(const Flow &, const Names &names, Diagnosis &diagnosis)
{
    diagnosis.why =
        fmt::format("the server has no route back to {}: it cannot send its SYN-ACK", names.client);
    diagnosis.advice = {fmt::format("on the server: ip route get {}", names.client)};
}

void no_reply(const Flow &flow, const Names &names, Diagnosis &diagnosis)
{
    diagnosis.why = syn_drop(flow)
                        ? "the kernel dropped the SYN for a reason that is no rule's"
                        : "silence: a firewall or NetworkPolicy that drops, a black hole in "
                          "routing, or a dead host; from here it cannot be told which";
    diagnosis.advice = {
        fmt::format("run tcptrace on {}: does the SYN arrive there?", names.server),
        fmt::format("look for rules and NetworkPolicies that drop traffic to port {}", names.port)};
}

struct Cause {
    std::string_view name;
    void (*explain)(const Flow &, const Names &, Diagnosis &);
};

constexpr std::array causes{
    Cause{"filtered_on_this_node", filtered},    Cause{"conntrack_full", conntrack_full},
    Cause{"reverse_path_filter", reverse_path},  Cause{"accept_queue_full", accept_queue},
    Cause{"syn_queue_full", syn_queue},          Cause{"synack_lost", synack_lost},
    Cause{"host_unreachable", host_unreachable}, Cause{"no_route", no_route},
    Cause{"no_return_route", no_return_route},   Cause{"no_reply", no_reply}};

// "0.0, +1.0, +3.0"
std::string times_words(const Flow &flow)
{
    std::string words;
    for (const std::uint64_t at : flow.syn_times())
        fmt::format_to(std::back_inserter(words), "{}{:.1f}", words.empty() ? "" : ", +",
                       static_cast<double>(at - flow.syn_times().front()) / 1e9);
    return words;
}

} // namespace

std::string attempts_words(const Flow &flow, const Moment &moment)
{
    const Attempts tries = attempts(flow);
    const std::size_t known = flow.syn_times().size();
    const auto sent = std::max<std::size_t>(tries.times, known);
    std::string text = fmt::format("SYN sent {}", counted(sent, "time", "times"));

    if (known > 1)
        text += fmt::format(" ({}{} s)", times_words(flow), sent > known ? ", …" : "");
    if (flow.icmp())
        return text + "; an ICMP error came back";
    if (flow.established())
        return text + "; the client took the SYN-ACK, the server did not take the answer to it";
    if (flow.synacks())
        return text +
               fmt::format("; SYN-ACK seen {}, no ACK", counted(flow.synacks(), "time", "times"));
    return text +
           fmt::format("; no SYN-ACK, RST or ICMP error seen in {}",
                       duration_words(moment.now_ns - std::min(moment.now_ns, tries.first_ns)));
}

void explain_syn(const Flow &flow, const Verdict &verdict, Diagnosis &diagnosis)
{
    const Connection connection = flow.connection();
    const auto cause = std::ranges::find(causes, verdict.cause, &Cause::name);

    say_where(flow, diagnosis);
    if (flow.facts() && flow.facts()->ends[0] && flow.facts()->ends[0]->socket)
        name_process(flow.facts()->ends[0]->socket->owner, diagnosis);
    if (cause != causes.end())
        cause->explain(flow,
                       {to_string(connection.initiator.address),
                        to_string(connection.responder.address), connection.responder.port},
                       diagnosis);
}

} // namespace tcptrace
