// SPDX-License-Identifier: Apache-2.0
// reset_after_data: a connection that had carried data was reset, not closed. A reset
// after a FIN is how many programs end well and is not counted, unless the FIN was sent for
// a process that was killed.
#include "detect/detector.h"
#include "detect/firewall.h"
#include "detect/reset_cause.h"
#include "detect/words.h"

#include <fmt/format.h>

#include <csignal>

namespace tcptrace {

namespace {

// By these a process is asked to end, or is told that nobody needs it any more.
bool is_polite(int signal)
{
    return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGPIPE;
}

std::string advice_after_signal(const ProcessEnd &end)
{
    if (is_polite(end.signal))
        return "who stopped it? its service's log, systemctl status, kubectl describe pod";
    if (end.signal == SIGKILL)
        return "journalctl -k | grep -i oom: was it out of memory? Else somebody sent it: a failed "
               "liveness probe, a stop that took too long";
    return fmt::format("coredumpctl info {}; its log: it crashed", end.process.pid);
}

std::string_view cause_by_stack(const Flow &flow)
{
    if (const ProcessEnd *end = process_that_ended(flow))
        return end->signal ? "process_killed" : "process_exited";
    switch (flow.reset()->why) {
    case TT_RESET_UNREAD_DATA:
        return "closed_with_unread_data";
    case TT_RESET_ABORTED:
    case TT_RESET_NOT_ACCEPTED:
    case TT_RESET_DESTROYED:
        return "aborted_by_application";
    case TT_RESET_NO_SOCKET:
        return "connection_unknown";
    case TT_RESET_KEEPALIVE:
        return "keepalive_timeout";
    default:
        return {};
    }
}

class ResetAfterData final : public Detector {
public:
    std::string_view id() const override { return "reset_after_data"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (!flow.reset() || !counts(flow))
            return std::nullopt;
        const ResetSeen &reset = *flow.reset();
        const std::string_view role = role_words(flow, reset.sender);
        if (const std::string_view cause = cause_by_stack(flow); !cause.empty())
            return Verdict{
                cause, Confidence::Certain, cause == "keepalive_timeout" ? "network" : role, {}};
        if (const auto firewall = firewall_reset(flow))
            return Verdict{"firewall", *firewall, "network", {}};
        if (is_keepalive_timeout(flow))
            return Verdict{"keepalive_timeout", Confidence::Likely, "network", {}};
        return Verdict{"aborted_by_peer", Confidence::Possible, role, {}};
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const ResetSeen &reset = *flow.reset();
        const std::string_view role = role_words(flow, reset.sender);

        diagnosis.error_type = "reset";
        diagnosis.summary = fmt::format("connections to {} are reset after data was exchanged",
                                        endpoint_words(flow.connection().responder));
        diagnosis.what =
            fmt::format("RST from the {} {} after the connection was first seen, {}", role,
                        duration_words(reset.time_ns - flow.first_ns()),
                        reset.stage == TT_STAGE_CLOSING ? "for data that came after its FIN"
                                                        : "no FIN before it");
        describe_who(flow, diagnosis);
        if (verdict.cause == "firewall")
            return describe_firewall(flow, diagnosis);
        explain(flow, verdict, role, diagnosis);
    }

private:
    static bool counts(const Flow &flow)
    {
        const ProcessEnd *end = process_that_ended(flow);

        if (flow.reset()->stage == TT_STAGE_DATA)
            return true;
        // Probes are sent on connections that are kept for use, though none was made of it yet.
        if (flow.reset()->stage == TT_STAGE_HANDSHAKE && is_keepalive_timeout(flow))
            return true;
        return flow.reset()->stage == TT_STAGE_CLOSING && end && end->signal &&
               !is_polite(end->signal);
    }

    static void explain(const Flow &flow, const Verdict &verdict, std::string_view role,
                        Diagnosis &diagnosis)
    {
        diagnosis.why = why_words(flow);
        if (verdict.cause == "keepalive_timeout") {
            diagnosis.summary = fmt::format("idle connections to {} are given up",
                                            endpoint_words(flow.connection().responder));
            diagnosis.why = fmt::format("{} keep-alive probes of the {} had no answer: the other "
                                        "end is gone, or the way to it is",
                                        flow.unanswered_probes(flow.reset()->sender), role);
            if (flow.reset()->sent_by_stack)
                diagnosis.why = why_words(flow);
            diagnosis.advice = {"can the other end be reached, and is it up?",
                                "does a firewall or NAT on the way forget idle connections?"};
        } else if (verdict.cause == "process_killed") {
            diagnosis.advice = {advice_after_signal(*process_that_ended(flow))};
        } else if (verdict.cause == "process_exited") {
            diagnosis.advice = {"look at its log and exit status: it ended with work unfinished"};
        } else if (verdict.cause == "closed_with_unread_data") {
            diagnosis.advice = {"read to the end, or shutdown() and drain, before close()"};
        } else if (verdict.cause == "aborted_by_application") {
            diagnosis.advice = {"look at its log at that moment: it meant to cut the connection"};
        } else if (verdict.cause == "connection_unknown") {
            diagnosis.advice = {fmt::format(
                "was the {} restarted, or its connections moved to another host?", role)};
        } else {
            diagnosis.why = "the application crashed or aborted, the host no longer knows the "
                            "connection, or a firewall cut it; from here it cannot be told which";
            if (const std::string shape = shape_words(*flow.reset()); !shape.empty())
                diagnosis.why += "; " + shape;
            diagnosis.advice = {
                fmt::format("look at the {}'s log and for restarts at that moment", role)};
        }
    }
};

const Registered<ResetAfterData> registered;

} // namespace

} // namespace tcptrace
