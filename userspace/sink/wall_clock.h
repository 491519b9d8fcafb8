// SPDX-License-Identifier: Apache-2.0
// How sinks learn the wall time: nanoseconds to add to the source's clock, asked anew for
// each thing told, for somebody may set the clock meanwhile.
#pragma once

#include <cstdint>
#include <functional>

namespace tcptrace {

using WallOffset = std::function<std::int64_t()>;

} // namespace tcptrace
