// SPDX-License-Identifier: Apache-2.0
// A drop put into words: where the packet died, by which rule, and what lists that rule. What
// a drop means is drops.h.
#pragma once

#include "core/diagnosis.h"
#include "flow/flow.h"

#include <string>

namespace tcptrace {

// Makes it the drop that explains the fault: `drop`, and `where`: "dropped on this node:
// NETFILTER_DROP in nft_do_chain, hook forward, interface veth1", then the rule if it is known.
void describe_drop(const Flow &flow, const DropSeen &drop, Diagnosis &diagnosis);
// What lists the rule, or the programs, that it can have been.
[[nodiscard]] std::string filter_advice(const Flow &flow, const DropSeen &drop);

} // namespace tcptrace
