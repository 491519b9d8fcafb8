// SPDX-License-Identifier: Apache-2.0
// --doctor: what can be seen from here, one sentence each. Attaches nothing.
#pragma once

#include "core/result.h"

namespace tcptrace {

// Ok if live traffic can be watched, CannotRun if not.
[[nodiscard]] Status doctor();

} // namespace tcptrace
