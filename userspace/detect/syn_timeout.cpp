// SPDX-License-Identifier: Apache-2.0
// syn_timeout: the SYN was sent again and again (or left alone for 3 s) and nothing of
// any kind came back; or SYN-ACKs went out and the client kept asking.
//
// A connection that was answered late is slow, not dead: no verdict. From a view of
// one direction nothing is claimed.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tcptrace {

namespace {

// Three SYNs in 2 s are what Linux sends before anybody waits (tcp_syn_linear_timeouts),
// so a third SYN or 3 s of silence is where a user begins to feel it.
constexpr std::uint32_t syns_enough = 3;
constexpr std::uint64_t silence_enough_ns = 3 * TT_NSEC_PER_SEC;

// RFC 792, RFC 4443: the host, or the way to it, is said to be unreachable.
bool says_unreachable(const IcmpSeen &icmp)
{
    if (icmp.family == TT_IPV4)
        return icmp.type == TT_ICMP_TIME_EXCEEDED ||
               (icmp.type == TT_ICMP_UNREACHABLE &&
                (icmp.code <= 1 || icmp.code == 5 || icmp.code == 6 || icmp.code == 7 ||
                 icmp.code == 11 || icmp.code == 12));
    return icmp.type == TT_ICMPV6_TIME_EXCEEDED ||
           (icmp.type == TT_ICMPV6_UNREACHABLE && (icmp.code == 0 || icmp.code == 3));
}

std::string_view locus_of(const Flow &flow)
{
    bool in = false;
    bool out = false;
    for (const Point &point : flow.points()) {
        in = in || point.syn_way == TT_IN;
        out = out || point.syn_way == TT_OUT;
    }
    return out ? "left_this_node" : in ? "arrived_unanswered" : "unknown";
}

class SynTimeout final : public Detector {
public:
    std::string_view id() const override { return "syn_timeout"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &moment) const override
    {
        if (flow.first_syn_ns() == 0 || flow.established() || flow.one_way() || flow.reset())
            return std::nullopt;
        if (flow.icmp())
            return says_unreachable(*flow.icmp())
                       ? std::optional(Verdict{"host_unreachable", Confidence::Certain, "network",
                                               locus_of(flow)})
                       : std::nullopt;
        if (flow.synacks() > 0) {
            // The client asks again although it was answered: the answers do not arrive.
            if (flow.synacks() >= 2 && flow.syns() >= 2)
                return Verdict{"synack_lost", Confidence::Likely, "network", "unknown"};
            return std::nullopt;
        }
        if (flow.answered() || !waited_long_enough(flow, moment))
            return std::nullopt;
        return Verdict{"no_reply", Confidence::Possible, {}, locus_of(flow)};
    }

    void describe(const Flow &flow, const Moment &moment, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();

        diagnosis.error_type =
            verdict.cause == "host_unreachable" ? "host_unreachable" : "timed_out";
        diagnosis.what = what(flow, moment);
        if (const std::string path = syn_path_words(flow); !path.empty())
            diagnosis.where = "the SYN was seen " + path;
        const std::string server = endpoint_words(connection.responder);
        diagnosis.summary = fmt::format("{} does not answer SYNs", server);
        explain(flow, connection, verdict, diagnosis);
    }

private:
    static bool waited_long_enough(const Flow &flow, const Moment &moment)
    {
        const std::uint64_t silence = moment.now_ns - std::min(moment.now_ns, flow.first_syn_ns());
        if (flow.syns() >= syns_enough || silence >= silence_enough_ns)
            return true;
        return moment.ending && (flow.count(TT_SYN_RETRANSMISSION | TT_SYN_UNANSWERED) > 0);
    }

    static std::string what(const Flow &flow, const Moment &moment)
    {
        std::string times;
        for (std::uint64_t at : flow.syn_times())
            fmt::format_to(std::back_inserter(times), "{}{:.1f}", times.empty() ? "" : ", +",
                           static_cast<double>(at - flow.syn_times().front()) / 1e9);
        const std::uint32_t sent = std::max<std::uint32_t>(
            flow.syns(), static_cast<std::uint32_t>(flow.syn_times().size()));
        std::string text = fmt::format("SYN sent {}", counted(sent, "time", "times"));
        if (flow.syn_times().size() > 1)
            text += fmt::format(" ({}{} s)", times, sent > flow.syn_times().size() ? ", …" : "");
        if (flow.icmp())
            return text + "; an ICMP error came back";
        if (flow.synacks())
            return text + fmt::format("; SYN-ACK seen {}, no ACK",
                                      counted(flow.synacks(), "time", "times"));
        return text + fmt::format("; no SYN-ACK, RST or ICMP error seen in {}",
                                  duration_words(moment.now_ns - flow.first_syn_ns()));
    }

    static void explain(const Flow &flow, const Connection &connection, const Verdict &verdict,
                        Diagnosis &diagnosis)
    {
        const std::string host = to_string(connection.responder.address);
        const auto port = connection.responder.port;

        if (verdict.cause == "host_unreachable") {
            diagnosis.why = fmt::format("{} says by ICMP that the host cannot be reached",
                                        to_string(flow.icmp()->from));
            diagnosis.advice = {fmt::format("ip route get {}", host),
                                fmt::format("is {} up, and does it answer ARP or neighbour "
                                            "discovery in its own network?",
                                            host)};
        } else if (verdict.cause == "synack_lost") {
            diagnosis.why = "the server answers, but its SYN-ACKs do not reach the client";
            diagnosis.advice = {"look for a firewall or a different route on the way back"};
        } else {
            diagnosis.why = "silence: a firewall or NetworkPolicy that drops, a black hole in "
                            "routing, or a dead host; from here it cannot be told which";
            diagnosis.advice = {
                fmt::format("run tcptrace on {}: does the SYN arrive there?", host),
                fmt::format("look for rules and NetworkPolicies that drop traffic to port {}",
                            port)};
        }
    }
};

const Registered<SynTimeout> registered;

} // namespace

} // namespace tcptrace
