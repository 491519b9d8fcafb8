// SPDX-License-Identifier: Apache-2.0
// syn_flood: very many connections to one listener were begun and left half-open. Each of
// them alone is nothing: a crowd is the fault (detector.h).
//
// A client that is in earnest sends its SYN again; made-up ones are sent once. So lost
// SYN-ACKs, a full accept queue or a dead server are no flood. Nor is a scan, which asks
// for many ports, nor a probe, which ends by a reset.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

constexpr std::uint64_t given_up_ns = TT_NSEC_PER_SEC; // a SYN or its ACK is sent again by then
// More than a busy client with a short patience leaves behind; some of them answered by a
// SYN-ACK, for a server that answers none may as well be dead.
constexpr Crowd flood{.least = 50, .telling = 3, .tells = false};

class SynFlood final : public Detector {
public:
    std::string_view id() const override { return "syn_flood"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &moment) const override
    {
        const bool begun_once =
            flow.first_syn_ns() != 0 && flow.syns() <= 1 && flow.count(TT_SYN_RETRANSMISSION) == 0;
        const bool ended = flow.established() || flow.reset() || flow.icmp() || flow.one_way();

        if (!begun_once || ended || flow.connect_failed() ||
            moment.now_ns < flow.first_syn_ns() + given_up_ns)
            return std::nullopt;
        const bool answered = flow.synacks() > 0 || flow.count(TT_SYNACK_RETRANSMISSION) > 0;
        Verdict verdict{{}, Confidence::Likely, "client"};
        verdict.crowd = flood;
        verdict.crowd.tells = answered;
        return verdict;
    }

    void describe(const Flow &flow, const Moment &, const Verdict &,
                  Diagnosis &diagnosis) const override
    {
        const Endpoint server = flow.connection().responder;

        diagnosis.summary = fmt::format("{} is flooded with SYNs", endpoint_words(server));
        diagnosis.what = "many connections were begun by one SYN each, and never completed";
        diagnosis.why = "SYNs with made-up or careless sources: their sender takes no SYN-ACK and "
                        "repeats none";
        diagnosis.advice = {"sysctl net.ipv4.tcp_syncookies; it should be 1",
                            fmt::format("ss -tn state syn-recv 'sport = :{}' | wc -l", server.port),
                            "nstat -az TcpExtTCPReqQFullDrop TcpExtSyncookiesSent",
                            "limit SYNs before they reach the listener"};
    }
};

const Registered<SynFlood> registered;

} // namespace

} // namespace tcptrace
