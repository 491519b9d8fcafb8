// SPDX-License-Identifier: Apache-2.0
// Runs a program of the system to hear what it prints. No shell, nothing on its input, few
// variables around it; it is stopped when it takes too long or says too much. It runs in the
// network namespace of the calling thread.
#pragma once

#include "core/result.h"
#include "host/deadline.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

// Where the system keeps it ("/usr/sbin/nft"); empty: not installed.
[[nodiscard]] std::string program_path(std::string_view name);

[[nodiscard]] Result<std::string> run_program(const std::string &path,
                                              const std::vector<std::string> &arguments,
                                              std::size_t bytes_max, Deadline deadline);

} // namespace tcptrace
