// SPDX-License-Identifier: Apache-2.0
#include "host/names.h"

#include <net/if.h>

#include <algorithm>
#include <array>

namespace tcptrace {

std::string without_controls(std::string name)
{
    std::ranges::replace_if(name, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, '?');
    return name;
}

std::string interface_name(std::uint32_t index)
{
    std::array<char, IF_NAMESIZE> name{};
    return index != 0 && if_indextoname(index, name.data()) ? without_controls(name.data()) : "";
}

} // namespace tcptrace
