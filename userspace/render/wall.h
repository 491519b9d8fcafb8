// SPDX-License-Identifier: Apache-2.0
// From the source's clock to Unix time.
#pragma once

#include <cstdint>

namespace tcptrace {

[[nodiscard]] inline std::uint64_t to_unix(std::uint64_t time_ns, std::int64_t wall_offset_ns)
{
    return time_ns + static_cast<std::uint64_t>(wall_offset_ns);
}

} // namespace tcptrace
