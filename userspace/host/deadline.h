// SPDX-License-Identifier: Apache-2.0
// Until when a look at the machine may last: whatever is not found by then stays unknown.
#pragma once

#include <chrono>

namespace tcptrace {

using Deadline = std::chrono::steady_clock::time_point;

[[nodiscard]] inline bool passed(Deadline deadline)
{
    return std::chrono::steady_clock::now() >= deadline;
}

} // namespace tcptrace
