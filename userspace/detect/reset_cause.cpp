// SPDX-License-Identifier: Apache-2.0
#include "detect/reset_cause.h"

#include "detect/words.h"

#include <fmt/format.h>

#include <cstring>

namespace tcptrace {

namespace {

// One could be lost; Linux sends nine by default (tcp_keepalive_probes).
constexpr std::uint32_t probes_enough = 2;

std::string deed_words(const ResetSeen &reset)
{
    switch (reset.why) {
    case TT_RESET_UNREAD_DATA:
        return "closed it with data that it had not read";
    case TT_RESET_ABORTED:
        return "aborted it (SO_LINGER 0, or disconnected)";
    case TT_RESET_NOT_ACCEPTED:
        return "closed its listening socket before it accepted the connection";
    case TT_RESET_DESTROYED:
        return "destroyed the socket from outside (ss -K)";
    default:
        return {};
    }
}

std::string end_words(const ProcessEnd &end, std::uint64_t reset_ns)
{
    if (end.signal == 0)
        return "exited, and the kernel reset what it held";
    if (end.time_ns >= reset_ns)
        return fmt::format("was killed by {}", signal_words(end.signal));
    return fmt::format("was killed by {} {} before the RST", signal_words(end.signal),
                       duration_words(reset_ns - end.time_ns));
}

// The stack names pid and command; what else this machine knows of that pid.
ProcessName with_container(const ProcessName &process, const std::optional<HostFacts> &facts)
{
    const auto is_same = [&](const std::optional<ProcessName> &other) {
        return other && other->pid == process.pid && other->name == process.name;
    };
    if (!facts)
        return process;
    if (is_same(facts->process))
        return *facts->process;
    for (const auto &end : facts->ends) {
        if (!end)
            continue;
        if (end->socket && is_same(end->socket->owner))
            return *end->socket->owner;
        for (const ListenerFact &listener : end->listeners) {
            if (is_same(listener.owner))
                return *listener.owner;
        }
    }
    return process;
}

} // namespace

const ProcessEnd *process_that_ended(const Flow &flow)
{
    const auto &end = flow.process_end();
    return end && flow.reset() && flow.reset()->sent_by_stack && end->end == flow.reset()->sender
               ? &*end
               : nullptr;
}

bool is_keepalive_timeout(const Flow &flow)
{
    const ResetSeen &reset = *flow.reset();
    return reset.why == TT_RESET_KEEPALIVE ||
           (reset.why == TT_RESET_UNEXPLAINED &&
            flow.unanswered_probes(reset.sender) >= probes_enough);
}

std::string signal_words(int signal)
{
    const char *name = sigabbrev_np(signal);
    return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

void describe_who(const Flow &flow, Diagnosis &diagnosis)
{
    if (!flow.reset()->process)
        return;
    diagnosis.process = with_container(*flow.reset()->process, flow.facts());
    diagnosis.who = process_words(*diagnosis.process);
}

std::string why_words(const Flow &flow)
{
    const ResetSeen &reset = *flow.reset();
    const std::string_view role = role_words(flow, reset.sender);
    const std::string process =
        reset.process ? process_words(*reset.process) : fmt::format("the {}", role);

    if (const ProcessEnd *end = process_that_ended(flow))
        return fmt::format("{} {}", process, end_words(*end, reset.time_ns));
    switch (reset.why) {
    case TT_RESET_NO_SOCKET:
        return fmt::format("the {}'s host does not know the connection: it was restarted, or had "
                           "closed it",
                           role);
    case TT_RESET_KEEPALIVE:
        return fmt::format("the {} gave up: its keep-alive probes had no answer", role);
    default:
        break;
    }
    const std::string deed = deed_words(reset);
    return deed.empty() ? std::string() : fmt::format("{} {}", process, deed);
}

std::string shape_words(const ResetSeen &reset)
{
    if (reset.witness != TT_WITNESS_WIRE)
        return {};
    return reset.bare ? "it carries nothing that only a socket knows, so a host that does not know "
                        "the connection sent it, or a firewall"
                      : "it looks like one that a socket sends: the application aborted, or ended "
                        "with unread data";
}

} // namespace tcptrace
