// SPDX-License-Identifier: Apache-2.0
// -D: the interfaces that can be watched, as tcpdump lists them.
#pragma once

#include "core/result.h"

#include <string>

namespace tcptrace {

// One line an interface: number, name, state.
[[nodiscard]] Result<std::string> device_list();

} // namespace tcptrace
