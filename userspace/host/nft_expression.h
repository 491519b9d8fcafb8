// SPDX-License-Identifier: Apache-2.0
// The expressions in a rule of nftables' JSON: what is compared, and with what. The
// statements around them: nft_json.
#pragma once

#include "host/ruleset.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace tcptrace {

// Finds a named set, which may be listed later than the rule that names it.
using FindSet = std::function<std::shared_ptr<ValueSet>(std::string_view name)>;

// What an expression on the left of a comparison reads of the packet, and what nft leaves
// unsaid: `tcp dport` reads TCP only, so `implied` holds "protocol is TCP".
struct LeftSide {
    std::vector<RuleField> fields;
    std::optional<RuleValue> mask{};
    std::vector<RuleCondition> implied{};
};

[[nodiscard]] LeftSide left_side(const nlohmann::json &expression);
// Whether fields of the packet are (with `op`: ==, !=, <, in ...) what stands on the right.
[[nodiscard]] RuleCondition compare(const LeftSide &left, std::string_view op,
                                    const nlohmann::json &right, const FindSet &find);
// Verdict maps too: pairs of key and verdict.
[[nodiscard]] std::shared_ptr<ValueSet> anonymous_set(const nlohmann::json &elements,
                                                      const std::vector<RuleField> &fields);
void add_element(ValueSet &set, const nlohmann::json &element,
                 const std::vector<RuleField> &fields);
// The verdict this statement is, if it is one.
[[nodiscard]] std::optional<RuleVerdict> verdict_of(const nlohmann::json &statement);
// A field with the values of a declared type of sets ("ipv4_addr"): the type's own words.
[[nodiscard]] RuleField field_of_type(std::string_view type);

} // namespace tcptrace
