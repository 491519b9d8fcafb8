// SPDX-License-Identifier: Apache-2.0
// Bytes to a descriptor, whatever kind it is: waits for room, goes on after a signal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tcptrace {

struct Written {
    std::size_t bytes = 0;
    int error = 0; // errno of what kept the rest from being written, or 0
};

[[nodiscard]] Written write_all(int fd, std::string_view bytes);

// What to do about such an error; empty where nothing can be said.
[[nodiscard]] std::string advice_on(int error);

} // namespace tcptrace
