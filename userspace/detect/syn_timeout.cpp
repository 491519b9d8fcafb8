// SPDX-License-Identifier: Apache-2.0
// syn_timeout: the SYN was sent again and again (or left alone for 3 s) and nothing of
// any kind came back; or SYN-ACKs went out and the client kept asking; or the client got
// its SYN-ACK and the server had no room for the connection. Why: syn_path.h.
//
// A connection that was answered late is slow, not dead: no verdict. From a view of
// one direction nothing is claimed.
#include "detect/detector.h"
#include "detect/syn_path.h"
#include "detect/syn_words.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tcptrace {

namespace {

// Three SYNs in 2 s are what Linux sends before anybody waits (tcp_syn_linear_timeouts),
// so a third SYN or 3 s of silence is where a user begins to feel it.
constexpr std::uint32_t syns_enough = 3;
constexpr std::uint64_t silence_enough_ns = 3 * TT_NSEC_PER_SEC;

bool waited_long_enough(const Flow &flow, const Moment &moment)
{
    const Attempts tries = attempts(flow);
    const std::uint64_t silence = moment.now_ns - std::min(moment.now_ns, tries.first_ns);

    if (tries.times >= syns_enough || silence >= silence_enough_ns)
        return true;
    // The stack gave up before that, and the kernel said why it had to.
    if (flow.connect_failed() && (syn_drop(flow) || reply_drop(flow)))
        return true;
    return moment.ending &&
           (tries.times > 1 || flow.count(TT_SYN_RETRANSMISSION | TT_SYN_UNANSWERED) > 0);
}

class SynTimeout final : public Detector {
public:
    std::string_view id() const override { return "syn_timeout"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &moment) const override
    {
        const bool reply_dropped = reply_drop(flow) != nullptr;
        if ((flow.reset() && !reply_dropped) || attempts(flow).first_ns == 0)
            return std::nullopt;
        if (flow.established())
            return refused_by_full_queue(flow);
        if (flow.one_way())
            return std::nullopt;
        if (flow.icmp())
            return says_unreachable(*flow.icmp()) ? std::optional(syn_verdict(flow)) : std::nullopt;
        if (flow.synacks() > 0 && !reply_dropped) {
            const bool repeated = flow.synacks() >= 2 && flow.syns() >= 2;
            return repeated ? std::optional(syn_verdict(flow)) : std::nullopt;
        }
        const bool answered = flow.answered() && flow.synacks() == 0 && !reply_dropped;
        if (answered || !waited_long_enough(flow, moment))
            return std::nullopt;
        return syn_verdict(flow);
    }

    void describe(const Flow &flow, const Moment &moment, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        diagnosis.error_type = verdict.cause == "host_unreachable" ? "host_unreachable"
                               : verdict.cause == "no_route"       ? "net_unreachable"
                                                                   : "timed_out";
        diagnosis.summary =
            fmt::format("{} does not answer SYNs", endpoint_words(flow.connection().responder));
        diagnosis.what = attempts_words(flow, moment);
        explain_syn(flow, verdict, diagnosis);
    }
};

const Registered<SynTimeout> registered;

} // namespace

} // namespace tcptrace
