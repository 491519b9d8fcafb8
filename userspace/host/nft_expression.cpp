// SPDX-License-Identifier: Apache-2.0
#include "host/nft_expression.h"

#include "host/rule_values.h"

#include <tcptrace/flow_key.h>

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace tcptrace {

namespace {

using Json = nlohmann::json;

const std::string *text_at(const Json &object, const char *key)
{
    const auto found = object.find(key);
    return found == object.end() ? nullptr : found->get_ptr<const std::string *>();
}

// Flags are one word, a number, a list of words or words within "|" within "|".
std::optional<std::uint64_t> flag_bits(const Json &value, int depth = 0)
{
    if (value.is_number_unsigned())
        return value.get<std::uint64_t>();
    if (const auto *word = value.get_ptr<const std::string *>())
        return tcp_flag_bit(*word);
    const Json *words = &value;
    if (value.is_object() && value.contains("|"))
        words = &value["|"];
    if (!words->is_array() || depth > 8)
        return std::nullopt;
    std::uint64_t bits = 0;
    for (const Json &part : *words) {
        const auto more = flag_bits(part, depth + 1);
        if (!more)
            return std::nullopt;
        bits |= *more;
    }
    return bits;
}

// "ip" and "ip6" are of `meta protocol` and `ether type`; another protocol is neither 4 nor 6.
std::uint64_t family_number(std::string_view word)
{
    if (word == "ipv4" || word == "ip")
        return TT_IPV4;
    return word == "ipv6" || word == "ip6" ? TT_IPV6 : 0;
}

std::optional<std::uint64_t> number_for(RuleField field, std::string_view word)
{
    switch (field) {
    case RuleField::Family:
        return family_number(word);
    case RuleField::Protocol:
        return protocol_number(word);
    case RuleField::ConntrackState:
        return conntrack_bit(word);
    case RuleField::SourcePort:
    case RuleField::DestinationPort:
    case RuleField::Length:
        return decimal(word);
    default:
        return std::nullopt;
    }
}

std::optional<ValueRange> word_range(RuleField field, const std::string &word)
{
    if (field == RuleField::SourceAddress || field == RuleField::DestinationAddress) {
        const auto address = rule_address(word);
        return address ? std::optional(single(*address)) : std::nullopt;
    }
    if (field == RuleField::InInterface || field == RuleField::OutInterface)
        return interface_range(word, '*');
    const auto number = number_for(field, word);
    return number ? std::optional(number_range(*number, *number)) : std::nullopt;
}

// One value as a range: a word, a number, a prefix or a range of two.
std::optional<ValueRange> value_range(RuleField field, const Json &value, int depth = 0)
{
    if (field == RuleField::Unknown)
        return ValueRange{}; // never compared
    if (field == RuleField::TcpFlags) {
        const auto bits = flag_bits(value);
        return bits ? std::optional(number_range(*bits, *bits)) : std::nullopt;
    }
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        return number_range(number, number);
    }
    if (const auto *word = value.get_ptr<const std::string *>())
        return word_range(field, *word);
    if (!value.is_object() || value.size() != 1 || depth > 0)
        return std::nullopt;
    const Json &inside = value.front();
    if (value.contains("prefix") && inside.is_object()) {
        const auto *address = text_at(inside, "addr");
        const auto length = inside.find("len");
        if (!address || length == inside.end() || !length->is_number_unsigned())
            return std::nullopt;
        return prefix_range(*address, length->get<std::uint64_t>());
    }
    if (!value.contains("range") || !inside.is_array() || inside.size() != 2)
        return std::nullopt;
    const auto low = value_range(field, inside[0], depth + 1);
    const auto high = value_range(field, inside[1], depth + 1);
    if (!low || !high)
        return std::nullopt;
    return ValueRange{low->low, high->high};
}

std::optional<std::vector<ValueRange>> key_ranges(const Json &key,
                                                  const std::vector<RuleField> &fields)
{
    const bool several = key.is_object() && key.contains("concat");
    if (several != (fields.size() > 1) || (several && key["concat"].size() != fields.size()))
        return std::nullopt;
    std::vector<ValueRange> ranges;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto range = value_range(fields[i], several ? key["concat"][i] : key);
        if (!range)
            return std::nullopt;
        ranges.push_back(*range);
    }
    return ranges;
}

RuleCondition is_number(RuleField field, std::uint64_t number)
{
    auto set = std::make_shared<ValueSet>();
    set->elements.push_back({{number_range(number, number)}});
    return {{field}, std::move(set)};
}

LeftSide payload(const Json &read)
{
    const auto *protocol = text_at(read, "protocol");
    const auto *field = text_at(read, "field");
    LeftSide left{{RuleField::Unknown}};
    if (!protocol || !field)
        return left;
    if (*protocol == "ether") {
        left.fields = {*field == "type" ? RuleField::Family : RuleField::Unknown};
    } else if (*protocol == "ip" || *protocol == "ip6") {
        left.implied.push_back(is_number(RuleField::Family, family_number(*protocol)));
        if (*field == "saddr" || *field == "daddr")
            left.fields = {*field == "saddr" ? RuleField::SourceAddress
                                             : RuleField::DestinationAddress};
        else if (*field == "protocol")
            left.fields = {RuleField::Protocol};
    } else {
        const auto number = protocol_number(*protocol);
        if (number)
            left.implied.push_back(is_number(RuleField::Protocol, *number));
        if (*field == "sport" || *field == "dport")
            left.fields = {*field == "sport" ? RuleField::SourcePort : RuleField::DestinationPort};
        else if (*protocol == "tcp" && *field == "flags")
            left.fields = {RuleField::TcpFlags};
    }
    return left;
}

RuleField meta_field(std::string_view key)
{
    constexpr std::array<std::pair<std::string_view, RuleField>, 8> keys{{
        {"iifname", RuleField::InInterface},
        {"iif", RuleField::InInterface},
        {"oifname", RuleField::OutInterface},
        {"oif", RuleField::OutInterface},
        {"l4proto", RuleField::Protocol},
        {"nfproto", RuleField::Family},
        {"protocol", RuleField::Family},
        {"length", RuleField::Length},
    }};
    const auto found = std::ranges::find(keys, key, &decltype(keys)::value_type::first);
    return found == keys.end() ? RuleField::Unknown : found->second;
}

LeftSide concatenation(const Json &parts)
{
    LeftSide left;
    for (const Json &part : parts) {
        LeftSide one{{RuleField::Unknown}};
        if (part.is_object() && !part.contains("concat"))
            one = left_side(part);
        if (one.mask || one.fields.size() != 1)
            one.fields = {RuleField::Unknown};
        left.fields.push_back(one.fields.front());
        std::ranges::move(one.implied, std::back_inserter(left.implied));
    }
    return left;
}

// `<` and its kin, of numbers; other orders are not understood.
std::optional<ValueRange> ordered(std::string_view op, const Json &right)
{
    if (!right.is_number_unsigned())
        return std::nullopt;
    const auto number = right.get<std::uint64_t>();
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    const ValueRange none = number_range(1, 0);
    if (op == "<")
        return number == 0 ? none : number_range(0, number - 1);
    if (op == "<=")
        return number_range(0, number);
    if (op == ">")
        return number == most ? none : number_range(number + 1, most);
    return op == ">=" ? std::optional(number_range(number, most)) : std::nullopt;
}

bool is_equality(std::string_view op)
{
    return op == "==" || op == "!=" || op == "in";
}

// The values on the right of an equality.
std::shared_ptr<const ValueSet> right_side(const LeftSide &left, const Json &right,
                                           const FindSet &find)
{
    if (const auto *name = right.get_ptr<const std::string *>(); name && name->starts_with('@'))
        return find(std::string_view(*name).substr(1));
    if (right.is_object() && right.contains("set"))
        return anonymous_set(right["set"], left.fields);
    // A state is one bit, so that any of several is a set; TCP's flags are a number.
    if (left.fields.front() != RuleField::TcpFlags) {
        if (right.is_array())
            return anonymous_set(right, left.fields);
        if (right.is_object() && right.contains("|"))
            return anonymous_set(right["|"], left.fields);
    }
    return anonymous_set(Json::array({right}), left.fields);
}

} // namespace

LeftSide left_side(const Json &expression)
{
    if (!expression.is_object() || expression.size() != 1)
        return {{RuleField::Unknown}};
    const Json &inside = expression.front();
    if (expression.contains("payload") && inside.is_object())
        return payload(inside);
    if (expression.contains("concat") && inside.is_array() && !inside.empty())
        return concatenation(inside);
    if (expression.contains("&") && inside.is_array() && inside.size() == 2 &&
        inside[0].is_object() && inside[0].contains("payload")) {
        LeftSide left = left_side(inside[0]);
        const auto bits = flag_bits(inside[1]);
        if (left.fields.front() != RuleField::TcpFlags || !bits)
            left.fields = {RuleField::Unknown};
        else
            left.mask = rule_number(*bits);
        return left;
    }
    const auto *key = inside.is_object() ? text_at(inside, "key") : nullptr;
    if (key && expression.contains("meta"))
        return {{meta_field(*key)}};
    if (key && expression.contains("ct") && *key == "state")
        return {{RuleField::ConntrackState}};
    return {{RuleField::Unknown}};
}

RuleCondition compare(const LeftSide &left, std::string_view op, const Json &right,
                      const FindSet &find)
{
    RuleCondition condition{left.fields, nullptr, left.mask, op == "!="};
    if (is_equality(op)) {
        condition.set = right_side(left, right, find);
    } else if (const auto range = ordered(op, right); range && left.fields.size() == 1) {
        auto set = std::make_shared<ValueSet>();
        set->elements.push_back({{*range}});
        condition.set = std::move(set);
    } else {
        condition.fields = {RuleField::Unknown};
        condition.set = std::make_shared<ValueSet>();
    }
    // `tcp flags syn,ack` asks for any of these bits, `tcp flags == syn` for no others.
    if (op == "in" && left.fields.front() == RuleField::TcpFlags) {
        if (const auto bits = flag_bits(right)) {
            condition.mask = rule_number(*bits);
            condition.negated = true;
            condition.set = is_number(RuleField::TcpFlags, 0).set;
        }
    }
    return condition;
}

std::shared_ptr<ValueSet> anonymous_set(const Json &elements, const std::vector<RuleField> &fields)
{
    auto set = std::make_shared<ValueSet>();
    set->unsure = !elements.is_array();
    if (elements.is_array())
        for (const Json &element : elements)
            add_element(*set, element, fields);
    return set;
}

void add_element(ValueSet &set, const Json &element, const std::vector<RuleField> &fields)
{
    const bool pair = element.is_array() && element.size() == 2;
    const Json *key = pair ? &element[0] : &element;
    if (key->is_object() && key->contains("elem")) // with a time, a comment or a counter
        key = &(*key)["elem"];
    if (key->is_object() && key->contains("val"))
        key = &(*key)["val"];
    auto ranges = key_ranges(*key, fields);
    const auto verdict = pair ? verdict_of(element[1]) : std::optional(RuleVerdict{});
    if (ranges && verdict)
        set.elements.push_back({std::move(*ranges), *verdict});
    else
        set.unsure = true;
}

std::optional<RuleVerdict> verdict_of(const Json &statement)
{
    if (!statement.is_object() || statement.size() != 1)
        return std::nullopt;
    const auto &[name, inside] = *statement.get_ref<const Json::object_t &>().begin();
    constexpr std::array<std::pair<std::string_view, RuleAction>, 14> verdicts{{
        {"accept", RuleAction::Accept},
        {"drop", RuleAction::Drop},
        {"reject", RuleAction::Reject},
        {"continue", RuleAction::None},
        {"return", RuleAction::Return},
        {"jump", RuleAction::Jump},
        {"goto", RuleAction::Goto},
        {"queue", RuleAction::Leave},
        {"synproxy", RuleAction::Leave},
        {"fwd", RuleAction::Leave},
        {"dnat", RuleAction::Accept},
        {"snat", RuleAction::Accept},
        {"masquerade", RuleAction::Accept},
        {"redirect", RuleAction::Accept},
    }};
    const auto found = std::ranges::find(verdicts, name, &decltype(verdicts)::value_type::first);
    if (found == verdicts.end())
        return std::nullopt;
    RuleVerdict verdict{found->second};
    if (verdict.action == RuleAction::Jump || verdict.action == RuleAction::Goto) {
        const auto *target = inside.is_object() ? text_at(inside, "target") : nullptr;
        if (!target)
            return std::nullopt;
        verdict.target = *target;
    }
    return verdict;
}

RuleField field_of_type(std::string_view type)
{
    constexpr std::array<std::pair<std::string_view, RuleField>, 8> types{{
        {"ipv4_addr", RuleField::SourceAddress},
        {"ipv6_addr", RuleField::SourceAddress},
        {"inet_service", RuleField::SourcePort},
        {"inet_proto", RuleField::Protocol},
        {"ifname", RuleField::InInterface},
        {"ct_state", RuleField::ConntrackState},
        {"nf_proto", RuleField::Family},
        {"ether_type", RuleField::Family},
    }};
    const auto found = std::ranges::find(types, type, &decltype(types)::value_type::first);
    return found == types.end() ? RuleField::Unknown : found->second;
}

} // namespace tcptrace
