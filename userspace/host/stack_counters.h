// SPDX-License-Identifier: Apache-2.0
// The stack's own counters of a namespace, out of the text of /proc/net/netstat, snmp and
// snmp6. Sums since the namespace was made; differences are made by the caller.
#pragma once

#include "core/host_facts.h"

#include <optional>
#include <string_view>

namespace tcptrace {

// Adds what a text of the form of netstat and snmp says: a line of names, a line of values.
void add_named_lines(StackCounters &counters, std::string_view text);
// Adds what a text of the form of snmp6 says: a name and a value on each line.
void add_named_values(StackCounters &counters, std::string_view text);

// Of the namespace the calling thread is in. Empty: /proc does not tell.
[[nodiscard]] std::optional<StackCounters> read_stack_counters();

// What was counted after `before`. Counters below it are those of another namespace that
// was given the same number; then all was counted after.
[[nodiscard]] StackCounters since(const StackCounters &before, const StackCounters &now);

} // namespace tcptrace
