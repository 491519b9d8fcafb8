// SPDX-License-Identifier: Apache-2.0
// reset_after_data: a connection that had carried data was reset, not closed. A reset
// after a FIN is how many programs end well and is not counted.
#include "detect/detector.h"
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

class ResetAfterData final : public Detector {
public:
    std::string_view id() const override { return "reset_after_data"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (!flow.reset() || flow.reset()->stage != TT_STAGE_DATA)
            return std::nullopt;
        return Verdict{
            "aborted_by_peer", Confidence::Possible, role_words(flow, flow.reset()->sender), {}};
    }

    void describe(const Flow &flow, const Moment &, const Verdict &verdict,
                  Diagnosis &diagnosis) const override
    {
        const Connection connection = flow.connection();

        diagnosis.error_type = "reset";
        diagnosis.summary = fmt::format("connections to {} are reset after data was exchanged",
                                        endpoint_words(connection.responder));
        diagnosis.what =
            fmt::format("RST from the {} {} after the connection was first seen, "
                        "no FIN before it",
                        verdict.suspect, duration_words(flow.reset()->time_ns - flow.first_ns()));
        diagnosis.why = "the application crashed or aborted, the host no longer knows the "
                        "connection, or a firewall cut it; from here it cannot be told which";
        diagnosis.advice = {
            fmt::format("look at the {}'s log and for restarts at that moment", verdict.suspect)};
    }
};

const Registered<ResetAfterData> registered;

} // namespace

} // namespace tcptrace
