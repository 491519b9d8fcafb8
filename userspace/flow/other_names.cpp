// SPDX-License-Identifier: Apache-2.0
#include "flow/other_names.h"

namespace tcptrace {

namespace {

struct Named {
    tt_flow_key key{};
    std::uint8_t initiator = 0; // index of that end
};

Named named(const Connection &connection)
{
    const tt_endpoints ends{.source = connection.initiator.address.raw,
                            .destination = connection.responder.address.raw,
                            .source_port = connection.initiator.port,
                            .destination_port = connection.responder.port};
    Named result;
    const auto sender = tt_flow_key_make(&result.key, &ends, connection.initiator.address.family, 0,
                                         TT_WAY_UNKNOWN);
    result.key = connection_of(result.key);
    result.initiator = static_cast<std::uint8_t>(sender);
    return result;
}

} // namespace

tt_flow_key key_of(const Connection &connection)
{
    return named(connection).key;
}

std::uint8_t renamed_sender(std::uint8_t sender, const OtherName &name)
{
    const unsigned turned = named(name.judged).initiator ^ named(name.elsewhere).initiator;
    return static_cast<std::uint8_t>((sender ^ turned) & 1U);
}

tt_record renamed(const tt_record &told, const OtherName &name)
{
    tt_record record = told;
    record.key = key_of(name.judged);
    record.key.ifindex = told.key.ifindex;
    record.key.side = told.key.side;
    record.sender = renamed_sender(told.sender, name);
    if (record.state.initiator != TT_INITIATOR_UNKNOWN)
        record.state.initiator = renamed_sender(told.state.initiator, name);
    record.netns = 0;
    return record;
}

void OtherNames::add(const OtherName &name)
{
    const tt_flow_key judged = key_of(name.judged);
    const tt_flow_key elsewhere = key_of(name.elsewhere);

    if (names_.contains(elsewhere))
        return;
    std::vector<tt_flow_key> &all = elsewhere_of_[judged];
    if (all.size() >= each_max)
        return;
    all.push_back(elsewhere);
    names_[elsewhere] = name;
}

const OtherName *OtherNames::find(const tt_flow_key &elsewhere) const
{
    const auto found = names_.find(connection_of(elsewhere));
    return found == names_.end() ? nullptr : &found->second;
}

void OtherNames::forget(const tt_flow_key &judged)
{
    const auto found = elsewhere_of_.find(judged);
    if (found == elsewhere_of_.end())
        return;
    for (const tt_flow_key &elsewhere : found->second)
        names_.erase(elsewhere);
    elsewhere_of_.erase(found);
}

} // namespace tcptrace
