// SPDX-License-Identifier: Apache-2.0
// Network namespaces: entering one, and telling which one we are in. To be called before
// any thread is started: setns() moves the calling thread only.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>

namespace tcptrace {

// By name (as `ip netns` names them) or by path.
[[nodiscard]] Result<void> enter_netns(const std::string &name_or_path);
[[nodiscard]] std::uint32_t current_netns_inode(); // 0 if it cannot be read
// Is it where init is, whose inode may be unknown (0)? Newer kernels give it a number of its own.
[[nodiscard]] bool is_initial_netns(std::uint32_t inode, std::uint32_t inode_of_init);
// Then all of the machine is of interest. What cannot be known (an older kernel, and no right to
// look at process 1) counts as no: then less is shown, nothing foreign.
[[nodiscard]] bool in_initial_netns();

} // namespace tcptrace
