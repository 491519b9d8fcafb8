// SPDX-License-Identifier: Apache-2.0
// Numbers as capture files hold them: in this machine's byte order.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <string>

namespace tcptrace {

template <std::integral Number>
void append_native(std::string &out, Number number)
{
    const auto bytes = std::bit_cast<std::array<char, sizeof number>>(number);
    out.append(bytes.data(), bytes.size());
}

} // namespace tcptrace
