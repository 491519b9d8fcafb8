// SPDX-License-Identifier: Apache-2.0
// One fault is one diagnosis: where several detectors speak of one connection, those whose
// fault is a consequence of another's are silent. Which follows from which is one table,
// here and nowhere else.
#pragma once

#include "detect/detector.h"

#include <optional>
#include <string_view>
#include <vector>

namespace tcptrace {

// What one detector says of a flow; nothing, also where another's verdict explains its own.
struct Finding {
    const Detector *detector = nullptr;
    std::optional<Verdict> verdict;
};

// All detectors on one flow.
[[nodiscard]] std::vector<Finding> judge_flow(const Flow &flow, const Moment &moment);

// Is the fault `id`, cause `cause`, a consequence of the other?
[[nodiscard]] bool explained_by(std::string_view id, std::string_view cause,
                                std::string_view other_id, std::string_view other_cause);
// Is the fault `id` of a connection that belongs to such a crowd a part of that?
[[nodiscard]] bool explained_by_crowd(std::string_view id, std::string_view crowd);

} // namespace tcptrace
