// SPDX-License-Identifier: Apache-2.0
// Reads the netfilter rules of the calling thread's network namespace, with their counters:
// nftables by `nft`, what iptables made by its own tools. Lists only; and lists old
// iptables tables only where there are some, because asking for one would make it.
#pragma once

#include "core/result.h"
#include "host/deadline.h"
#include "host/ruleset.h"

#include <string>

namespace tcptrace {

// An error only if nothing could be read; Ruleset::missing tells of a part.
[[nodiscard]] Result<Ruleset> read_ruleset(Deadline deadline);

// The rule as nft prints it; empty if it is gone, or nft cannot be asked for this chain.
[[nodiscard]] std::string nft_rule_text(const Chain &chain, const Rule &rule, Deadline deadline);

} // namespace tcptrace
