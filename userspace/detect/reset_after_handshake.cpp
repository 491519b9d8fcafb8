// SPDX-License-Identifier: Apache-2.0
// reset_after_handshake: a reset came after the SYN-ACK and before any data.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

class ResetAfterHandshake final : public Detector {
public:
    std::string_view id() const override { return "reset_after_handshake"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (!flow.reset() || flow.reset()->stage != TT_STAGE_HANDSHAKE)
            return std::nullopt;
        return Verdict{
            "aborted_by_peer", Confidence::Possible, role_words(flow, flow.reset()->sender), {}};
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();

        diagnosis.error_type = "reset";
        diagnosis.summary = fmt::format("connections to {} are reset before any data",
                                        endpoint_words(connection.responder));
        diagnosis.what =
            fmt::format("SYN-ACK, then RST from the {} after {}, no data between", verdict.suspect,
                        duration_words(flow.reset()->time_ns - flow.first_ns()));
        diagnosis.why = "the application closed at once, a firewall ended it after inspection, or "
                        "the client no longer wanted it; from here it cannot be told which";
        diagnosis.advice = {fmt::format("look at the {}'s log at that moment", verdict.suspect),
                            "compare with a capture on the other host: did it send this RST?"};
    }
};

const Registered<ResetAfterHandshake> registered;

} // namespace

} // namespace tcptrace
