// SPDX-License-Identifier: Apache-2.0
// From options to an exit status: builds source, sinks and pipeline, and runs them.
#pragma once

#include "app/options.h"

namespace tcptrace {

[[nodiscard]] Result<Status> run(const Options &options);

} // namespace tcptrace
