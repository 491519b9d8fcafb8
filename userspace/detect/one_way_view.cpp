// SPDX-License-Identifier: Apache-2.0
// one_way_view: an end acknowledges data that was never seen here, so only one
// direction is visible. A notice, so that silence about such flows is understood.
#include "detect/detector.h"

namespace tcptrace {

namespace {

class OneWayView final : public Detector {
public:
    std::string_view id() const override { return "one_way_view"; }

    std::optional<Verdict> judge(const Flow &flow, const Moment &) const override
    {
        if (!flow.one_way())
            return std::nullopt;
        return Verdict{{}, Confidence::Certain, {}, {}, Severity::Notice};
    }

    void describe(const Flow &, const Moment &, const Verdict &,
                  Diagnosis &diagnosis) const override
    {
        diagnosis.summary = "only one direction of some connections is visible";
        diagnosis.what = "one end acknowledges what was never seen here";
        diagnosis.why = "the answers take another way (asymmetric routing, another interface), or "
                        "a filter hides them; nothing is claimed that needs them";
        diagnosis.advice = {"watch all interfaces (-i any)",
                            "filter by host or port, not by src or dst"};
    }
};

const Registered<OneWayView> registered;

} // namespace

} // namespace tcptrace
