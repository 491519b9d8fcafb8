// SPDX-License-Identifier: Apache-2.0
// -L and -y: the link types that captures of live interfaces can have.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tcptrace {

struct LinkChoice {
    std::string name;        // libpcap's: "EN10MB"
    std::string description; // "Ethernet"
    std::uint32_t link_type = 0;
};

// The first is what is written if nothing is said; `interfaces`: none for any.
[[nodiscard]] Result<std::vector<LinkChoice>>
link_choices(const std::vector<std::string> &interfaces);

// As tcpdump -L prints them.
[[nodiscard]] Result<std::string> link_list(const std::vector<std::string> &interfaces);

// The one with this name; an Error in tcpdump's words if it is none of these.
[[nodiscard]] Result<LinkChoice> choose_link(const std::vector<std::string> &interfaces,
                                             const std::string &name);

} // namespace tcptrace
