// SPDX-License-Identifier: Apache-2.0
// zero_window: a receiver's window was closed for a second or more in all. Shorter
// closures are how flow control works: a healthy bulk transfer shows some of 50 µs.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

constexpr std::uint64_t total_enough_ns = TT_NSEC_PER_SEC;
// A reader that works, but slower than the sender, opens and closes; one that has
// stopped stays closed.
constexpr std::uint32_t slow_closures = 3;
constexpr std::uint64_t stopped_ns = 2 * TT_NSEC_PER_SEC;

// The end whose window was closed the longer.
unsigned closed_end(const Flow &flow, std::uint64_t now_ns)
{
    return flow.closure(1, now_ns).total_ns > flow.closure(0, now_ns).total_ns ? 1 : 0;
}

// The receiver's socket on this machine; NULL: not here, or not known.
const SocketFact *socket_of(const Flow &flow, unsigned end)
{
    const std::size_t role = end == flow.initiator() ? 0 : 1;
    if (!flow.facts() || !flow.facts()->ends[role] || !flow.facts()->ends[role]->socket)
        return nullptr;
    return &*flow.facts()->ends[role]->socket;
}

class ZeroWindow final : public Detector {
public:
    std::string_view id() const override { return "zero_window"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &moment) const override
    {
        const unsigned end = closed_end(flow, moment.now_ns);
        const Flow::Closure closure = flow.closure(end, moment.now_ns);

        if (closure.total_ns < total_enough_ns)
            return std::nullopt;
        const bool slow = closure.times >= slow_closures && closure.longest_ns < stopped_ns;
        const SocketFact *socket = socket_of(flow, end);
        const bool seen_unread = closure.still_closed && socket && socket->receive_queue > 0;
        return Verdict{slow ? "receiver_slow" : "receiver_not_reading",
                       seen_unread && !slow ? Confidence::Certain : Confidence::Likely,
                       role_words(flow, end),
                       {},
                       Severity::Warning};
    }

    void describe(const Flow &flow, const Moment &moment, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();
        const unsigned end = closed_end(flow, moment.now_ns);
        const Flow::Closure closure = flow.closure(end, moment.now_ns);
        const Endpoint &receiver =
            end == flow.initiator() ? connection.initiator : connection.responder;

        diagnosis.summary = fmt::format("the {} {} does not read what it is sent", verdict.suspect,
                                        to_string(receiver.address));
        diagnosis.what =
            fmt::format("window 0 from the {} {}, {} in all{}", verdict.suspect,
                        counted(closure.times, "time", "times"), duration_words(closure.total_ns),
                        closure.still_closed ? ", still closed" : "");
        diagnosis.why = verdict.cause == "receiver_slow"
                            ? "its application reads, but slower than the data comes"
                            : "its application has stopped reading; the network is not the cause";
        if (const SocketFact *socket = socket_of(flow, end); socket && socket->receive_queue > 0) {
            diagnosis.why += fmt::format("; {} wait in its socket (Recv-Q)",
                                         counted(socket->receive_queue, "byte", "bytes"));
            name_process(socket->owner, diagnosis);
        }
        diagnosis.advice = {
            fmt::format("on {}: ss -tnpm, and see the Recv-Q and the process of port {}",
                        to_string(receiver.address), receiver.port)};
    }
};

const Registered<ZeroWindow> registered;

} // namespace

} // namespace tcptrace
