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

std::optional<std::uint64_t> number_for(Field field, std::string_view word)
{
    switch (field) {
    case Field::Family:
        return family_number(word);
    case Field::Protocol:
        return protocol_number(word);
    case Field::ConntrackState:
        return conntrack_bit(word);
    case Field::SourcePort:
    case Field::DestinationPort:
    case Field::Length:
        return decimal(word);
    default:
        return std::nullopt;
    }
}

std::optional<ValueRange> word_range(Field field, const std::string &word)
{
    if (field == Field::SourceAddress || field == Field::DestinationAddress) {
        const auto address = rule_address(word);
        return address ? std::optional(single(*address)) : std::nullopt;
    }
    if (field == Field::InInterface || field == Field::OutInterface)
        return interface_range(word, '*');
    const auto number = number_for(field, word);
    return number ? std::optional(number_range(*number, *number)) : std::nullopt;
}

// One value as a range: a word, a number, a prefix or a range of two.
std::optional<ValueRange> value_range(Field field, const Json &value, int depth = 0)
{
    if (field == Field::Unknown)
        return ValueRange{}; // never compared
    if (field == Field::TcpFlags) {
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

std::optional<std::vector<ValueRange>> key_ranges(const Json &key, const std::vector<Field> &fields)
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

Condition is_number(Field field, std::uint64_t number)
{
    auto set = std::make_shared<ValueSet>();
    set->elements.push_back({{number_range(number, number)}});
    return {{field}, std::move(set)};
}

LeftSide payload(const Json &read)
{
    const auto *protocol = text_at(read, "protocol");
    const auto *field = text_at(read, "field");
    LeftSide left{{Field::Unknown}};
    if (!protocol || !field)
        return left;
    if (*protocol == "ether") {
        left.fields = {*field == "type" ? Field::Family : Field::Unknown};
    } else if (*protocol == "ip" || *protocol == "ip6") {
        left.implied.push_back(is_number(Field::Family, family_number(*protocol)));
        if (*field == "saddr" || *field == "daddr")
            left.fields = {*field == "saddr" ? Field::SourceAddress : Field::DestinationAddress};
        else if (*field == "protocol")
            left.fields = {Field::Protocol};
    } else {
        const auto number = protocol_number(*protocol);
        if (number)
            left.implied.push_back(is_number(Field::Protocol, *number));
        if (*field == "sport" || *field == "dport")
            left.fields = {*field == "sport" ? Field::SourcePort : Field::DestinationPort};
        else if (*protocol == "tcp" && *field == "flags")
            left.fields = {Field::TcpFlags};
    }
    return left;
}

Field meta_field(std::string_view key)
{
    constexpr std::array<std::pair<std::string_view, Field>, 8> keys{{
        {"iifname", Field::InInterface},
        {"iif", Field::InInterface},
        {"oifname", Field::OutInterface},
        {"oif", Field::OutInterface},
        {"l4proto", Field::Protocol},
        {"nfproto", Field::Family},
        {"protocol", Field::Family},
        {"length", Field::Length},
    }};
    const auto found = std::ranges::find(keys, key, &decltype(keys)::value_type::first);
    return found == keys.end() ? Field::Unknown : found->second;
}

LeftSide concatenation(const Json &parts)
{
    LeftSide left;
    for (const Json &part : parts) {
        LeftSide one{{Field::Unknown}};
        if (part.is_object() && !part.contains("concat"))
            one = left_side(part);
        if (one.mask || one.fields.size() != 1)
            one.fields = {Field::Unknown};
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
    if (left.fields.front() != Field::TcpFlags) {
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
        return {{Field::Unknown}};
    const Json &inside = expression.front();
    if (expression.contains("payload") && inside.is_object())
        return payload(inside);
    if (expression.contains("concat") && inside.is_array() && !inside.empty())
        return concatenation(inside);
    if (expression.contains("&") && inside.is_array() && inside.size() == 2 &&
        inside[0].is_object() && inside[0].contains("payload")) {
        LeftSide left = left_side(inside[0]);
        const auto bits = flag_bits(inside[1]);
        if (left.fields.front() != Field::TcpFlags || !bits)
            left.fields = {Field::Unknown};
        else
            left.mask = rule_number(*bits);
        return left;
    }
    const auto *key = inside.is_object() ? text_at(inside, "key") : nullptr;
    if (key && expression.contains("meta"))
        return {{meta_field(*key)}};
    if (key && expression.contains("ct") && *key == "state")
        return {{Field::ConntrackState}};
    return {{Field::Unknown}};
}

Condition compare(const LeftSide &left, std::string_view op, const Json &right, const FindSet &find)
{
    Condition condition{left.fields, nullptr, left.mask, op == "!="};
    if (is_equality(op)) {
        condition.set = right_side(left, right, find);
    } else if (const auto range = ordered(op, right); range && left.fields.size() == 1) {
        auto set = std::make_shared<ValueSet>();
        set->elements.push_back({{*range}});
        condition.set = std::move(set);
    } else {
        condition.fields = {Field::Unknown};
        condition.set = std::make_shared<ValueSet>();
    }
    // `tcp flags syn,ack` asks for any of these bits, `tcp flags == syn` for no others.
    if (op == "in" && left.fields.front() == Field::TcpFlags) {
        if (const auto bits = flag_bits(right)) {
            condition.mask = rule_number(*bits);
            condition.negated = true;
            condition.set = is_number(Field::TcpFlags, 0).set;
        }
    }
    return condition;
}

std::shared_ptr<ValueSet> anonymous_set(const Json &elements, const std::vector<Field> &fields)
{
    auto set = std::make_shared<ValueSet>();
    set->unsure = !elements.is_array();
    if (elements.is_array())
        for (const Json &element : elements)
            add_element(*set, element, fields);
    return set;
}

void add_element(ValueSet &set, const Json &element, const std::vector<Field> &fields)
{
    const bool pair = element.is_array() && element.size() == 2;
    const Json *key = pair ? &element[0] : &element;
    if (key->is_object() && key->contains("elem")) // with a time, a comment or a counter
        key = &(*key)["elem"];
    if (key->is_object() && key->contains("val"))
        key = &(*key)["val"];
    auto ranges = key_ranges(*key, fields);
    const auto verdict = pair ? verdict_of(element[1]) : std::optional(Verdict{});
    if (ranges && verdict)
        set.elements.push_back({std::move(*ranges), *verdict});
    else
        set.unsure = true;
}

std::optional<Verdict> verdict_of(const Json &statement)
{
    if (!statement.is_object() || statement.size() != 1)
        return std::nullopt;
    const auto &[name, inside] = *statement.get_ref<const Json::object_t &>().begin();
    constexpr std::array<std::pair<std::string_view, Action>, 14> verdicts{{
        {"accept", Action::Accept},
        {"drop", Action::Drop},
        {"reject", Action::Reject},
        {"continue", Action::None},
        {"return", Action::Return},
        {"jump", Action::Jump},
        {"goto", Action::Goto},
        {"queue", Action::Leave},
        {"synproxy", Action::Leave},
        {"fwd", Action::Leave},
        {"dnat", Action::Accept},
        {"snat", Action::Accept},
        {"masquerade", Action::Accept},
        {"redirect", Action::Accept},
    }};
    const auto found = std::ranges::find(verdicts, name, &decltype(verdicts)::value_type::first);
    if (found == verdicts.end())
        return std::nullopt;
    Verdict verdict{found->second};
    if (verdict.action == Action::Jump || verdict.action == Action::Goto) {
        const auto *target = inside.is_object() ? text_at(inside, "target") : nullptr;
        if (!target)
            return std::nullopt;
        verdict.target = *target;
    }
    return verdict;
}

Field field_of_type(std::string_view type)
{
    constexpr std::array<std::pair<std::string_view, Field>, 8> types{{
        {"ipv4_addr", Field::SourceAddress},
        {"ipv6_addr", Field::SourceAddress},
        {"inet_service", Field::SourcePort},
        {"inet_proto", Field::Protocol},
        {"ifname", Field::InInterface},
        {"ct_state", Field::ConntrackState},
        {"nf_proto", Field::Family},
        {"ether_type", Field::Family},
    }};
    const auto found = std::ranges::find(types, type, &decltype(types)::value_type::first);
    return found == types.end() ? Field::Unknown : found->second;
}

} // namespace tcptrace
