// SPDX-License-Identifier: Apache-2.0
#include "host/packet_match.h"

#include "host/rule_values.h"

#include <algorithm>

namespace tcptrace {

namespace {

RuleValue bytes_of(const Address &address)
{
    return std::to_array(address.raw.bytes);
}

std::optional<RuleValue> name_value(const std::string &name)
{
    const auto range = name.empty() ? std::nullopt : interface_range(name, '\0');
    return range ? std::optional(range->low) : std::nullopt;
}

std::optional<RuleValue> port_value(const DroppedPacket &packet, const Endpoint &end)
{
    const bool has_ports = packet.protocol == IPPROTO_TCP || packet.protocol == IPPROTO_UDP;
    return has_ports ? std::optional(rule_number(end.port)) : std::nullopt;
}

// Nothing where it is not known.
std::optional<RuleValue> value_of(const DroppedPacket &packet, RuleField field)
{
    switch (field) {
    case RuleField::Unknown:
        return std::nullopt;
    case RuleField::Family:
        return rule_number(packet.source.address.family);
    case RuleField::Protocol:
        return rule_number(packet.protocol);
    case RuleField::SourceAddress:
        return bytes_of(packet.source.address);
    case RuleField::DestinationAddress:
        return bytes_of(packet.destination.address);
    case RuleField::SourcePort:
        return port_value(packet, packet.source);
    case RuleField::DestinationPort:
        return port_value(packet, packet.destination);
    case RuleField::TcpFlags:
        return rule_number(packet.tcp_flags);
    case RuleField::InInterface:
        return name_value(packet.in_interface);
    case RuleField::OutInterface:
        return name_value(packet.out_interface);
    case RuleField::ConntrackState:
        return packet.conntrack ? std::optional(rule_number(*packet.conntrack)) : std::nullopt;
    case RuleField::Length:
        return packet.length ? std::optional(rule_number(*packet.length)) : std::nullopt;
    }
    return std::nullopt;
}

using Values = std::vector<std::optional<RuleValue>>;

Values values_of(const DroppedPacket &packet, const RuleCondition &condition)
{
    Values values;
    for (const RuleField field : condition.fields)
        values.push_back(value_of(packet, field));
    if (condition.mask && values.size() == 1 && values[0])
        std::ranges::transform(*values[0], *condition.mask, values[0]->begin(),
                               [](auto a, auto b) { return static_cast<std::uint8_t>(a & b); });
    return values;
}

Truth within(const Values &values, const SetElement &element)
{
    if (element.ranges.size() != values.size())
        return Truth::Unknown;
    Truth all = Truth::Yes;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!values[i])
            all = both(all, Truth::Unknown);
        else if (*values[i] < element.ranges[i].low || *values[i] > element.ranges[i].high)
            return Truth::No;
    }
    return all;
}

} // namespace

Truth meets(const DroppedPacket &packet, const RuleCondition &condition)
{
    const Values values = values_of(packet, condition);
    const bool known = std::ranges::all_of(values, [](const auto &v) { return v.has_value(); });
    Truth found = condition.fields == std::vector{RuleField::Unknown} ? Truth::Unknown : Truth::No;
    for (const SetElement &element : condition.set->elements) {
        found = std::max(found, within(values, element));
        if (found == Truth::Yes || (found == Truth::Unknown && !known))
            break;
    }
    if (found == Truth::No && condition.set->unsure)
        found = Truth::Unknown;
    if (!condition.negated || found == Truth::Unknown)
        return found;
    return found == Truth::Yes ? Truth::No : Truth::Yes;
}

Truth meets_all(const DroppedPacket &packet, const Rule &rule)
{
    Truth all = Truth::Yes;
    for (const RuleCondition &condition : rule.conditions) {
        all = both(all, meets(packet, condition));
        if (all == Truth::No)
            break;
    }
    return all;
}

std::vector<MapAnswer> look_up(const DroppedPacket &packet, const RuleCondition &map)
{
    std::vector<MapAnswer> answers;
    const Values values = values_of(packet, map);
    for (const SetElement &element : map.set->elements) {
        Truth truth = within(values, element);
        if (truth == Truth::Yes)
            return {{truth, &element.verdict}};
        if (truth != Truth::No)
            answers.push_back({Truth::Unknown, &element.verdict});
    }
    return answers;
}

} // namespace tcptrace
