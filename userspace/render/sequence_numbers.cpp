// SPDX-License-Identifier: Apache-2.0
#include "render/sequence_numbers.h"

#include <tcptrace/segment.h>

#include <algorithm>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t ipv6_size = 16;

} // namespace

std::size_t SequenceNumbers::Hash::operator()(const Ends &ends) const
{
    std::string bytes(ends.addresses.begin(), ends.addresses.end());
    for (const std::uint16_t port : ends.ports) {
        bytes += static_cast<char>(port >> 8);
        bytes += static_cast<char>(port & 0xff);
    }
    return std::hash<std::string_view>{}(bytes);
}

SequenceNumbers::Ends SequenceNumbers::ends_of(const PrintedSegment &segment, bool reversed)
{
    const std::size_t size = segment.addresses.size() / 2;
    const auto source = segment.addresses.first(size).span();
    const auto destination = segment.addresses.from(size).first(size).span();
    Ends ends;

    ends.ipv6 = size == ipv6_size;
    ends.ports = {segment.source_port, segment.destination_port};
    if (reversed)
        std::swap(ends.ports[0], ends.ports[1]);
    std::ranges::copy(reversed ? destination : source, ends.addresses.begin());
    std::ranges::copy(reversed ? source : destination, ends.addresses.begin() + ipv6_size);
    return ends;
}

SequenceOrigin SequenceNumbers::origin_of(const PrintedSegment &segment)
{
    const std::size_t size = std::min(segment.addresses.size() / 2, ipv6_size);
    PrintedSegment whole = segment;
    whole.addresses = segment.addresses.first(2 * size);
    const bool same_ports = segment.source_port == segment.destination_port;
    const bool reversed =
        segment.source_port > segment.destination_port ||
        (same_ports && std::ranges::lexicographical_compare(whole.addresses.from(size).span(),
                                                            whole.addresses.first(size).span()));
    const std::size_t sender = reversed ? 1 : 0;
    const Ends ends = ends_of(whole, reversed);
    const auto known = by_ends_.find(ends);

    if (known != by_ends_.end())
        connections_.splice(connections_.begin(), connections_, known->second);
    if (known != by_ends_.end() && !(segment.flags & TT_SYN)) {
        const auto &first = known->second->first;
        return {.relative = true, .sequence = first[sender], .ack = first[1 - sender]};
    }
    if (known == by_ends_.end()) {
        if (connections_.size() >= connections_max_) {
            by_ends_.erase(connections_.back().ends);
            connections_.pop_back();
        }
        connections_.push_front({.ends = ends});
        by_ends_.emplace(ends, connections_.begin());
    }
    auto &first = connections_.front().first;
    first[sender] = segment.sequence;
    first[1 - sender] = segment.ack - 1;
    return {.relative = false, .sequence = first[sender], .ack = first[1 - sender]};
}

} // namespace tcptrace
