// SPDX-License-Identifier: Apache-2.0
// A network namespace for one test, empty but for lo (which is up). The calling thread is
// in it while the object lives.
#pragma once

#include "core/unique_fd.h"

#include <cstdint>
#include <string>

namespace tcptrace::test {

class PrivateNetns {
public:
    PrivateNetns(); // throws std::runtime_error, for instance without root
    PrivateNetns(const PrivateNetns &) = delete;
    PrivateNetns &operator=(const PrivateNetns &) = delete;
    ~PrivateNetns();

    [[nodiscard]] std::uint32_t inode() const;
    // A command of the shell, in the namespace; its output is dropped. True if it succeeded.
    bool run(const std::string &command) const;

private:
    UniqueFd home_;
};

} // namespace tcptrace::test
