// SPDX-License-Identifier: Apache-2.0
// libpcap says "syntax error" and not where. This finds the word at which an expression
// cannot be right any more.
#pragma once

#include <string>
#include <string_view>

namespace tcptrace {

// Empty if no single word is at fault (the expression only ends too early).
[[nodiscard]] std::string culprit(std::string_view expression, int data_link);

} // namespace tcptrace
