// SPDX-License-Identifier: Apache-2.0
// packet_loss: an established connection had to send data again, often (3 times and 1 %
// of its segments), or the same data 3 times. Copies that were not needed (spurious)
// and mere reordering do not count, nor does what was sent into a closed window: that it
// comes again is how the sender asks for room.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::uint32_t copies_enough = 3;
constexpr double share_enough = 0.01;
constexpr std::uint32_t same_data_enough = 2; // copies after the first
constexpr std::uint32_t full_segment = 1000;  // bytes; what only a full-sized segment has
constexpr double segment_bytes = 1448;        // payload of a full segment on Ethernet
constexpr std::uint64_t closed_enough = TT_NSEC_PER_SEC / 5; // Linux' shortest time-out

std::uint32_t losses(const Flow &flow)
{
    return flow.count(TT_RETRANSMISSION | TT_FAST_RETRANSMISSION);
}

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

// The last data was sent again and again, and nothing ever acknowledged it. The stack's
// word alone does not show that: what came back is not seen.
bool stalled(const Flow &flow)
{
    const Repetition &again = flow.longest_repetition();
    return again.on_wire && again.times >= copies_enough &&
           flow.last_heard_ns(again.sender ^ 1U) <= again.first_ns + TT_NSEC_PER_SEC / 5;
}

// An interface, and not only the own stack, told of a repetition.
bool seen_on_wire(const Flow &flow)
{
    return flow.told_ns(TT_WITNESS_WIRE, TT_RETRANSMISSIONS) != 0 ||
           flow.longest_repetition().on_wire;
}

class PacketLoss final : public Detector {
public:
    std::string_view id() const override { return "packet_loss"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &moment) const override
    {
        const std::uint32_t lost = losses(flow);

        if (lost < same_data_enough || flow.one_way() || closed(flow, moment))
            return std::nullopt;
        const bool often = lost >= copies_enough && share(flow) >= share_enough;
        if (!often && flow.longest_repetition().times < same_data_enough)
            return std::nullopt;
        return cause_of(flow);
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();
        const Repetition &again = flow.longest_repetition();

        diagnosis.severity = verdict.cause == "network_loss" ? Severity::Warning : Severity::Error;
        diagnosis.error_type = verdict.cause == "network_loss" ? "" : "timed_out";
        diagnosis.summary = fmt::format("segments of connections to {} are lost",
                                        endpoint_words(connection.responder));
        diagnosis.what =
            fmt::format("{} sent again{}", counted(losses(flow), "segment", "segments"),
                        again.times >= same_data_enough
                            ? fmt::format(", the same data up to {} times", again.times)
                            : "");
        explain(flow, again, verdict, diagnosis);
    }

private:
    static Verdict cause_of(const Flow &flow)
    {
        const Repetition &again = flow.longest_repetition();

        // Where only the stack speaks, a receiver without room looks the same.
        if (!stalled(flow))
            return {"network_loss",
                    seen_on_wire(flow) ? Confidence::Likely : Confidence::Possible,
                    "network",
                    {}};
        const std::uint32_t acked = flow.bytes_acked(again.sender);
        if (again.length >= full_segment && acked < again.length && flow.established())
            return {"mtu_black_hole", Confidence::Likely, "network", {}};
        if (again.length < full_segment || acked >= again.length)
            return {"peer_gone", Confidence::Likely, role_words(flow, again.sender ^ 1U), {}};
        return {"network_loss", Confidence::Possible, "network", {}};
    }

    static void explain(const Flow &flow, const Repetition &again, const Verdict &verdict,
                        Diagnosis &diagnosis)
    {
        if (verdict.cause == "mtu_black_hole") {
            diagnosis.why = fmt::format("small segments pass, {} bytes never do, and no ICMP "
                                        "\"fragmentation needed\" came: a link on the way has a "
                                        "smaller MTU and drops silently",
                                        again.length);
            diagnosis.advice = {"ping -M do -s 1472 the other host, and lower -s until it answers",
                                "sysctl net.ipv4.tcp_mtu_probing=1, or clamp the MSS"};
        } else if (verdict.cause == "peer_gone") {
            diagnosis.why = fmt::format("the {} fell silent: nothing more came from it",
                                        role_words(flow, again.sender ^ 1U));
            diagnosis.advice = {"is that host up, and is its network?"};
        } else {
            diagnosis.why = "segments are lost on the way: congestion, a bad link, or a drop that "
                            "is not visible from here";
            diagnosis.advice = {"ip -s link, and tc -s qdisc, on the hosts on the way",
                                "nstat -az TcpRetransSegs TcpExtTCPTimeouts"};
        }
    }
};

const Registered<PacketLoss> registered;

} // namespace

} // namespace tcptrace
