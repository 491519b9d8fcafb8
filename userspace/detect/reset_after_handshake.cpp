// SPDX-License-Identifier: Apache-2.0
// reset_after_handshake: a reset came after the SYN-ACK and before any data.
//
// A client that resets at once is no fault: half-open scans, health checks of load
// balancers, and the losing attempt of two at once (RFC 8305) do that. One that waited
// first had hoped for an answer.
#include "detect/detector.h"
#include "detect/firewall.h"
#include "detect/reset_cause.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <algorithm>

namespace tcptrace {

namespace {

// Probes are over in a round trip; people, and connect() with a limit, wait longer.
constexpr std::uint64_t waited_ns = 1 * TT_NSEC_PER_SEC;

bool sent_by_client(const Flow &flow)
{
    return flow.reset()->sender == flow.initiator();
}

std::uint64_t open_for_ns(const Flow &flow)
{
    const std::uint64_t began = flow.first_syn_ns() ? flow.first_syn_ns() : flow.first_ns();
    return flow.reset()->time_ns - std::min(flow.reset()->time_ns, began);
}

bool is_done_by_application(const ResetSeen &reset)
{
    return reset.why == TT_RESET_UNREAD_DATA || reset.why == TT_RESET_ABORTED ||
           reset.why == TT_RESET_NOT_ACCEPTED || reset.why == TT_RESET_DESTROYED;
}

class ResetAfterHandshake final : public Detector {
public:
    std::string_view id() const override { return "reset_after_handshake"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (!flow.reset() || flow.reset()->stage != TT_STAGE_HANDSHAKE ||
            is_keepalive_timeout(flow)) // which reset_after_data tells of
            return std::nullopt;
        const ResetSeen &reset = *flow.reset();
        const std::string_view role = role_words(flow, reset.sender);
        if (const auto firewall = firewall_reset(flow))
            return Verdict{"firewall", *firewall, "network", {}};
        if (sent_by_client(flow)) {
            if (open_for_ns(flow) < waited_ns)
                return std::nullopt;
            return Verdict{"client_gave_up",
                           reset.sent_by_stack ? Confidence::Certain : Confidence::Likely,
                           "server",
                           {}};
        }
        if (is_done_by_application(reset))
            return Verdict{"aborted_by_application", Confidence::Certain, role, {}};
        return Verdict{"aborted_by_peer", Confidence::Possible, role, {}};
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const ResetSeen &reset = *flow.reset();
        const std::string_view role = role_words(flow, reset.sender);

        diagnosis.error_type = "reset";
        diagnosis.summary = fmt::format("connections to {} are reset before any data",
                                        endpoint_words(flow.connection().responder));
        diagnosis.what = fmt::format("SYN-ACK, then RST from the {} {} after the connection "
                                     "began, no data between",
                                     role, duration_words(open_for_ns(flow)));
        describe_who(flow, diagnosis);
        if (verdict.cause == "firewall")
            return describe_firewall(flow, diagnosis);
        explain(flow, verdict, role, diagnosis);
    }

private:
    static void explain(const Flow &flow, const Verdict &verdict, std::string_view role,
                        Diagnosis &diagnosis)
    {
        if (verdict.cause == "client_gave_up") {
            diagnosis.why =
                fmt::format("the client gave up: in {} {}", duration_words(open_for_ns(flow)),
                            flow.syns() > 1 ? "it was answered only after it had asked "
                                              "again"
                                            : "the server said nothing that it waited "
                                              "for");
            diagnosis.advice = {"is the server overloaded, or late to speak?",
                                "is the client's time limit too short for this path?"};
            return;
        }
        diagnosis.why = why_words(flow);
        if (diagnosis.why.empty())
            diagnosis.why = "the application closed at once, or a firewall ended it after "
                            "inspection; from here it cannot be told which";
        diagnosis.advice = {fmt::format("look at the {}'s log at that moment", role)};
        if (verdict.cause == "aborted_by_peer")
            diagnosis.advice.emplace_back("compare with a capture on the other host: did it send "
                                          "this RST?");
    }
};

const Registered<ResetAfterHandshake> registered;

} // namespace

} // namespace tcptrace
