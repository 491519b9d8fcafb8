// SPDX-License-Identifier: Apache-2.0
// connection_refused: a SYN was answered by a reset, or by an ICMP error that only a
// firewall sends about TCP.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

// "Port unreachable" and "prohibited" about a TCP segment: a TCP stack answers a closed
// port by a reset (RFC 9293 §3.10.7.1), so these are a filter's (REJECT's) words.
bool says_rejected(const IcmpSeen &icmp)
{
    if (icmp.family == TT_IPV4)
        return icmp.type == TT_ICMP_UNREACHABLE &&
               (icmp.code == 2 || icmp.code == 3 || icmp.code == 9 || icmp.code == 10 ||
                icmp.code == 13);
    return icmp.type == TT_ICMPV6_UNREACHABLE &&
           (icmp.code == 1 || icmp.code == 4 || icmp.code == 5 || icmp.code == 6);
}

class ConnectionRefused final : public Detector {
public:
    std::string_view id() const override { return "connection_refused"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (flow.established() || flow.synacks() > 0)
            return std::nullopt;
        if (flow.icmp() && flow.first_syn_ns() && says_rejected(*flow.icmp()))
            return Verdict{"rejected_by_firewall", Confidence::Certain, "network", {}};
        if (flow.reset() && flow.reset()->stage == TT_STAGE_SYN)
            return Verdict{"refused_by_peer", Confidence::Possible, "server", {}};
        return std::nullopt;
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();
        const std::string server = endpoint_words(connection.responder);

        diagnosis.error_type = "refused";
        diagnosis.summary = fmt::format("{} refuses connections", server);
        if (verdict.cause == "rejected_by_firewall") {
            const std::string from = to_string(flow.icmp()->from);
            diagnosis.what = fmt::format("SYN answered by an ICMP error (type {}, code {}) from {}",
                                         flow.icmp()->type, flow.icmp()->code, from);
            diagnosis.why = fmt::format("a firewall rule that rejects, at {}: no TCP stack sends "
                                        "this ICMP error",
                                        from);
            diagnosis.advice = {fmt::format("on {}: nft list ruleset | grep reject", from)};
            return;
        }
        diagnosis.what =
            flow.first_syn_ns()
                ? fmt::format("SYN answered by RST after {}",
                              duration_words(flow.reset()->time_ns - flow.first_syn_ns()))
                : std::string("SYN answered by RST");
        diagnosis.why = "nothing listens there, or it listens on another address, or a firewall "
                        "rejects with a reset; from here it cannot be told which";
        diagnosis.advice = {fmt::format("on {}: ss -ltn 'sport = :{}'",
                                        to_string(connection.responder.address),
                                        connection.responder.port)};
    }
};

const Registered<ConnectionRefused> registered;

} // namespace

} // namespace tcptrace
