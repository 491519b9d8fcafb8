// SPDX-License-Identifier: Apache-2.0
#include "source/segment_log.h"

#include <algorithm>

namespace tcptrace {

namespace {

bool is_syn(const Sighting &segment)
{
    return (segment.flags & (TT_SYN | TT_ACK)) == TT_SYN;
}

tt_flow_key hosts_of(tt_flow_key connection)
{
    connection.port[0] = 0;
    connection.port[1] = 0;
    return connection;
}

} // namespace

// One that began with the same SYN elsewhere; else a new one.
std::uint32_t SegmentLog::connection_of_syn(const Entry &syn)
{
    const std::uint64_t name = std::uint64_t{syn.segment.sequence} << 32 | syn.segment.mark;
    const auto fresh = static_cast<std::uint32_t>(connections_.size());
    const std::uint32_t known = by_syn_.try_emplace(name, fresh).first->second;
    const auto at_same_point = [&](const Entry &other) {
        return other.file == syn.file && other.ifindex == syn.ifindex && other.side == syn.side;
    };

    if (known == fresh || std::ranges::any_of(connections_[known], at_same_point))
        return fresh;
    return known;
}

SegmentLog::Incarnation &SegmentLog::incarnation(const tt_flow_key &connection, unsigned sender,
                                                 const Entry &entry)
{
    const Sighting &segment = entry.segment;
    Incarnations &known = by_key_[connection];
    std::size_t &at = current_[connection];

    if (is_syn(segment)) {
        const auto same = std::ranges::find_if(known, [&](const Incarnation &each) {
            return !each.begun || each.first_sequence == segment.sequence;
        });
        at = static_cast<std::size_t>(same - known.begin());
    }
    if (at == known.size()) {
        Incarnation &born = known.emplace_back();
        // A lone segment's sender is the client if it has the higher port, by custom.
        born.first_is_low = connection.port[0] >= connection.port[1];
        born.connection = is_syn(segment) ? connection_of_syn(entry)
                                          : static_cast<std::uint32_t>(connections_.size());
        if (born.connection == connections_.size())
            connections_.emplace_back();
    }
    Incarnation &found = known[at];
    if (is_syn(segment)) {
        found.begun = true;
        found.first_sequence = segment.sequence;
        found.first_is_low = sender == 0;
    }
    return found;
}

bool SegmentLog::add(std::uint8_t file, const tt_flow_key &key, unsigned sender,
                     const Sighting &segment)
{
    if (size_ == capacity_)
        return false;
    size_++;
    const tt_flow_key connection = connection_of(key);
    Entry entry{.file = file, .side = key.side, .ifindex = key.ifindex, .segment = segment};
    const Incarnation &of = incarnation(connection, sender, entry);

    entry.segment.from_initiator = (sender == 0) == of.first_is_low;
    connections_[of.connection].push_back(entry);
    hosts_[hosts_of(connection)] |= 1U << file;
    return true;
}

const SegmentLog::Entries *SegmentLog::find(const tt_flow_key &connection,
                                            std::optional<std::uint32_t> first_sequence) const
{
    const auto found = by_key_.find(connection);

    if (found == by_key_.end())
        return nullptr;
    for (const Incarnation &each : found->second) {
        if (!first_sequence || (each.begun && each.first_sequence == *first_sequence))
            return &connections_[each.connection];
    }
    return &connections_[found->second.front().connection];
}

std::uint32_t SegmentLog::files_between(const tt_flow_key &connection) const
{
    const auto found = hosts_.find(hosts_of(connection));
    return found == hosts_.end() ? 0 : found->second;
}

} // namespace tcptrace
