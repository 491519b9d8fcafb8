// SPDX-License-Identifier: Apache-2.0
// A detector judges one connection at a time: "what is wrong with it, and why?".
// It keeps no state and asks no clock: the flow and the moment are all it is given,
// so that it says the same of a live kernel and of a file. One detector a file,
// registered there; grouping over connections is book.h.
#pragma once

#include "core/diagnosis.h"
#include "detect/two_views.h"
#include "flow/flow.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tcptrace {

struct Moment {
    std::uint64_t now_ns = 0;
    bool ending = false;             // nothing more will be seen of the flow
    const TwoViews *views = nullptr; // of it, where several files hold it
};

// Some faults show in many connections together only. Such a verdict is told once there are
// `least` of them to one server, `telling` of which show more than silence does.
struct Crowd {
    std::uint32_t least = 0; // 0: each connection is a fault by itself
    std::uint32_t telling = 0;
    bool tells = false; // this connection is one of the latter

    friend bool operator==(const Crowd &, const Crowd &) = default;
};

// What is said of one flow. Short: it is asked often.
struct Verdict {
    std::string_view cause; // one of the detector's causes, if it has any
    Confidence confidence = Confidence::Possible;
    std::string_view suspect = {};
    std::string_view locus = {};
    Severity severity = Severity::Error;
    std::uint32_t connections = 1; // the flow stands for
    Crowd crowd = {};

    friend bool operator==(const Verdict &, const Verdict &) = default;
};

class Detector {
public:
    virtual ~Detector() = default;
    [[nodiscard]] virtual std::string_view id() const = 0;
    [[nodiscard]] virtual std::optional<Verdict> judge(const Flow &flow,
                                                       const Moment &moment) const = 0;
    // Puts the verdict into words: error_type, what, where, why, advice.
    virtual void describe(const Flow &flow, const Moment &moment, const Verdict &verdict,
                          Diagnosis &diagnosis) const = 0;
};

// All detectors of the program, sorted by id.
[[nodiscard]] std::span<const std::unique_ptr<Detector>> detectors();

// At file scope of a detector: `const Registered<SynTimeout> registered;`
void register_detector(std::unique_ptr<Detector> detector);

template <typename T>
struct Registered {
    Registered() { register_detector(std::make_unique<T>()); }
};

} // namespace tcptrace
