// SPDX-License-Identifier: Apache-2.0
// Keeps what libbpf would print on stderr, for the end of it to be shown if a load fails.
#pragma once

#include <string>

namespace tcptrace {

class LibbpfLog {
public:
    LibbpfLog(); // from now on libbpf writes here
    ~LibbpfLog();
    LibbpfLog(const LibbpfLog &) = delete;
    LibbpfLog &operator=(const LibbpfLog &) = delete;

    [[nodiscard]] std::string tail() const; // the last 20 lines
};

} // namespace tcptrace
