// SPDX-License-Identifier: Apache-2.0
// A file of /proc, whole if it is not absurdly large.
#pragma once

#include <optional>
#include <string>

namespace tcptrace {

// At most 64 KiB of it. Empty: it cannot be read.
[[nodiscard]] std::optional<std::string> read_proc_file(const std::string &path);

} // namespace tcptrace
