// SPDX-License-Identifier: Apache-2.0
// Reads what iptables-save -c and its kin print: the only words for a rule that iptables made,
// whose matches nft's JSON leaves out. Any text is safe to give.
#pragma once

#include "host/ruleset.h"

#include <string>
#include <string_view>
#include <vector>

namespace tcptrace {

struct IptablesSave {
    std::vector<Chain> chains;
    bool of_nftables = false; // printed by the iptables that makes nftables' rules
    bool whole = true;        // not more than rules_max
};

// `family` is "ip" or "ip6": the text does not say which it is.
[[nodiscard]] IptablesSave parse_iptables_save(std::string_view text, const std::string &family);

} // namespace tcptrace
