// SPDX-License-Identifier: Apache-2.0
// packet_loss: an established connection had to send data again, often (3 times and 1 %
// of its segments), or the same data 3 times; or a receiver waits for data that was sent;
// or a firewall here drops its segments. Why: loss.h. Copies that were not needed (spurious)
// and mere reordering do not count, nor what was sent into a closed window (that it comes
// again is how the sender asks for room), nor a path MTU being found.
#include "detect/detector.h"
#include "detect/drop_words.h"
#include "detect/drops.h"
#include "detect/loss.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tcptrace {

namespace {

constexpr std::uint32_t copies_enough = 3;
constexpr double share_enough = 0.01;
constexpr std::uint32_t same_data_enough = 2; // copies after the first
constexpr double segment_bytes = 1448;        // payload of a full segment on Ethernet
constexpr std::uint64_t closed_enough = TT_NSEC_PER_SEC / 5; // Linux' shortest time-out

// Of the segments sent by the end that sends the more.
double share(const Flow &flow)
{
    const double bytes = std::max(flow.bytes_sent(0), flow.bytes_sent(1));
    const double segments =
        std::max({1.0, bytes / segment_bytes, double(losses(flow)), double(flow.data_segments())});
    return losses(flow) / segments;
}

// The receiver had no room for a time that makes a sender try again.
bool closed(const Flow &flow, const Moment &moment)
{
    return flow.closure(0, moment.now_ns).longest_ns >= closed_enough ||
           flow.closure(1, moment.now_ns).longest_ns >= closed_enough;
}

bool sends_again(const Flow &flow)
{
    const std::uint32_t lost = losses(flow);
    const bool often = lost >= copies_enough && share(flow) >= share_enough;
    return often ||
           (lost >= same_data_enough && flow.longest_repetition().times >= same_data_enough);
}

// Where no repetition is told (depth notable, a forwarded connection), a firewall's drops
// are; one buffer may hold many segments (GSO). What is left of a connection that ended is dropped
// by many healthy ones, but holds no data.
bool is_cut_here(const Flow &flow)
{
    const DropSeen *drop = data_drop(flow);
    if (!drop || kind_of(*drop) != DropKind::Filter || (flow.closed() && drop->bytes == 0))
        return false;
    return drop->count * std::max(1.0, drop->bytes / segment_bytes) >= copies_enough;
}

void filtered(const Flow &flow, Diagnosis &diagnosis)
{
    const DropSeen &drop = *data_drop(flow);
    diagnosis.why = fmt::format("a firewall rule, or a program at an interface, on this node drops "
                                "segments of the {}",
                                role_words(flow, drop.sender));
    diagnosis.advice = {filter_advice(flow, drop)};
}

void mtu(const Flow &flow, Diagnosis &diagnosis)
{
    const DropSeen *drop = data_drop(flow);
    if (drop)
        diagnosis.why =
            "packets are too large for a link of this node, and the ICMP \"fragmentation "
            "needed\" that says so does not reach the sender";
    else
        diagnosis.why = fmt::format("small segments pass, {} bytes never do, and no ICMP "
                                    "\"fragmentation needed\" came: a link on the way has a "
                                    "smaller MTU and drops silently",
                                    flow.longest_repetition().length);
    diagnosis.advice = {"ping -M do -s 1472 the other host, and lower -s until it answers",
                        "sysctl net.ipv4.tcp_mtu_probing=1, or clamp the MSS"};
}

void peer_gone(const Flow &flow, Diagnosis &diagnosis)
{
    const DropSeen *drop = data_drop(flow);
    const unsigned peer = drop ? drop->sender ^ 1U : flow.longest_repetition().sender ^ 1U;
    diagnosis.why =
        fmt::format("the {} {}", role_words(flow, peer),
                    drop ? "cannot be reached any more" : "fell silent: nothing more came from it");
    diagnosis.advice = {"is that host up, and is its network?", "ip neigh; ip route get"};
}

void no_room(const Flow &, Diagnosis &diagnosis)
{
    diagnosis.why = "the receiver's kernel threw segments away: its socket has no memory left for "
                    "them";
    diagnosis.advice = {"nstat -az TcpExtTCPRcvQDrop TcpExtRcvPruned; ss -tnm",
                        "sysctl net.ipv4.tcp_rmem net.ipv4.tcp_mem"};
}

void network(const Flow &flow, Diagnosis &diagnosis)
{
    const DropSeen *drop = data_drop(flow);
    diagnosis.why = drop && drop->reason == "QDISC_DROP"
                        ? "a queue of this node is full: more is sent than the link takes"
                    : drop ? "this node drops segments"
                           : "segments are lost on the way: congestion, a bad link, or a drop "
                             "that is not visible from here";
    diagnosis.advice = {"ip -s link, and tc -s qdisc, on the hosts on the way",
                        "nstat -az TcpRetransSegs TcpExtTCPTimeouts"};
}

struct Cause {
    std::string_view name;
    void (*explain)(const Flow &, Diagnosis &);
};

constexpr std::array causes{Cause{"filtered_on_this_node", filtered}, Cause{"mtu_black_hole", mtu},
                            Cause{"peer_gone", peer_gone}, Cause{"receive_buffer_full", no_room},
                            Cause{"network_loss", network}};

std::string what(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();
    const DropSeen *drop = data_drop(flow);
    std::string text;

    if (losses(flow) > 0)
        text = fmt::format("{} sent again{}", counted(losses(flow), "segment", "segments"),
                           again.times >= same_data_enough
                               ? fmt::format(", the same data up to {} times", again.times)
                               : "");
    if (const auto hole = open_hole(flow))
        text +=
            fmt::format("{}the receiver waits {} for what comes before what it has",
                        text.empty() ? "" : "; ", duration_words(hole->asked_ns - hole->since_ns));
    if (drop)
        text += fmt::format("{}{} dropped", text.empty() ? "" : "; ",
                            counted(drop->count, "packet", "packets"));
    return text;
}

class PacketLoss final : public Detector {
public:
    std::string_view id() const override { return "packet_loss"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &moment) const override
    {
        if (flow.one_way() || closed(flow, moment) || packets_were_made_smaller(flow))
            return std::nullopt;
        if (!sends_again(flow) && !is_cut_here(flow) && !open_hole(flow))
            return std::nullopt;
        return loss_verdict(flow);
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const auto cause = std::ranges::find(causes, verdict.cause, &Cause::name);

        diagnosis.error_type = verdict.cause == "network_loss" ? "" : "timed_out";
        diagnosis.summary = fmt::format("segments of connections to {} are lost",
                                        endpoint_words(flow.connection().responder));
        diagnosis.what = what(flow);
        if (const DropSeen *drop = data_drop(flow))
            describe_drop(flow, *drop, diagnosis);
        if (cause != causes.end())
            cause->explain(flow, diagnosis);
    }
};

const Registered<PacketLoss> registered;

} // namespace

} // namespace tcptrace
