// SPDX-License-Identifier: Apache-2.0
// The words nft and iptables share for what a rule compares, as values. Each answers
// nothing for a word it does not know.
#pragma once

#include "host/ruleset.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tcptrace {

[[nodiscard]] RuleValue rule_number(std::uint64_t number);
[[nodiscard]] ValueRange number_range(std::uint64_t low, std::uint64_t high);
[[nodiscard]] ValueRange single(const RuleValue &value);

[[nodiscard]] std::optional<std::uint64_t> decimal(std::string_view text);
[[nodiscard]] std::optional<RuleValue> rule_address(std::string_view text);
// "192.0.2.0" and 24; length 32 and 128 is the address itself.
[[nodiscard]] std::optional<ValueRange> prefix_range(std::string_view address,
                                                     std::uint64_t length);
// The name of an interface; one that ends with `wildcard` stands for all that begin so.
[[nodiscard]] std::optional<ValueRange> interface_range(std::string_view name, char wildcard);

[[nodiscard]] std::optional<std::uint64_t> protocol_number(std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> tcp_flag_bit(std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> conntrack_bit(std::string_view name);

} // namespace tcptrace
