// SPDX-License-Identifier: Apache-2.0
// Names that others gave: of processes, pods, namespaces, interfaces. They may hold what a
// terminal obeys (a process names itself, and who owns a namespace names its interfaces).
#pragma once

#include <cstdint>
#include <string>

namespace tcptrace {

[[nodiscard]] std::string without_controls(std::string name); // each becomes a '?'

// In the namespace the calling thread is in; empty: there is none of that index.
[[nodiscard]] std::string interface_name(std::uint32_t index);

} // namespace tcptrace
