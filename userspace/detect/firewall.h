// SPDX-License-Identifier: Apache-2.0
// Was it a firewall? What the kernel, this machine's rules and the wire say about a reset
// that no TCP stack need have sent, and how that is put.
#pragma once

#include "detect/detector.h"

#include <optional>

namespace tcptrace {

// A netfilter drop of what `sender` sent, about `time_ns`; NULL: none was told.
[[nodiscard]] const DropSeen *netfilter_drop(const Flow &flow, unsigned sender,
                                             std::uint64_t time_ns);
// A rule of this machine is known, and it rejects.
[[nodiscard]] bool has_rejecting_rule(const Flow &flow);
// Did a firewall make the connection's reset? Empty: nothing says so.
[[nodiscard]] std::optional<Confidence> firewall_reset(const Flow &flow);
// Why it is believed to be a firewall, and what to do about it.
void describe_firewall(const Flow &flow, Diagnosis &diagnosis);

} // namespace tcptrace
