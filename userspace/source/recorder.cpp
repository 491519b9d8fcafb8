// SPDX-License-Identifier: Apache-2.0
#include "source/recorder.h"

#include "source/read_frame.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <map>
#include <unordered_map>

namespace tcptrace {

namespace {

using Records = std::vector<tt_record>;

// What is remembered of one flow, by the point that saw it: interface, then side.
struct Remembered {
    std::uint32_t ifindex = 0;
    std::map<std::pair<std::uint32_t, std::uint8_t>, Records> points;
};

// A place's content, unless the kernel writes it at this moment.
bool copy_whole(const tt_recorded &place, tt_recorded &copy)
{
    const std::uint64_t before = __atomic_load_n(&place.time_ns, __ATOMIC_ACQUIRE);
    if (before == 0)
        return false;
    std::memcpy(&copy, &place, sizeof copy);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(&place.time_ns, __ATOMIC_RELAXED) == before &&
           copy.head_length <= sizeof copy.head;
}

// What a place holds, understood.
struct Segment {
    tt_packet packet;
    tt_flow_key key;
    tt_u32 sender;
};

bool read_segment(const tt_recorded &recorded, Segment &segment)
{
    const std::span head = std::span(recorded.head).first(recorded.head_length);
    const auto link = static_cast<tt_link>(recorded.link);

    if (read_frame(head, recorded.wire_length, link, segment.packet) != TT_PARSED)
        return false;
    segment.sender =
        tt_flow_key_make(&segment.key, &segment.packet.ends, segment.packet.segment.family,
                         recorded.ifindex, static_cast<tt_way>(recorded.way));
    return true;
}

tt_record record_of(const tt_recorded &recorded, const Segment &segment)
{
    tt_record record{};

    record.sender = static_cast<tt_u8>(segment.sender);
    record.key = segment.key;
    record.time_ns = recorded.time_ns;
    record.wire_length = recorded.wire_length;
    record.link = recorded.link;
    record.hook = recorded.hook;
    record.way = recorded.way;
    record.cast = recorded.cast;
    record.segment = segment.packet.segment;
    record.head_length = recorded.head_length;
    std::copy_n(recorded.head, recorded.head_length, record.head);
    return record;
}

bool opens(const tt_record &record)
{
    return record.segment.kind == TT_KIND_TCP &&
           (record.segment.flags & (TT_SYN | TT_ACK)) == TT_SYN;
}

// From the first copy of the latest connection's SYN on, where it is there.
void drop_earlier_connections(Records &records)
{
    const auto latest = std::find_if(records.rbegin(), records.rend(), opens);
    if (latest == records.rend())
        return;
    const std::uint32_t sequence = latest->segment.sequence;
    const auto first = std::ranges::find_if(records, [&](const tt_record &record) {
        return opens(record) && record.segment.sequence == sequence;
    });
    records.erase(records.begin(), first);
}

// Both ends' views on lo are one point of two sides.
Records choose_point(const Remembered &remembered)
{
    const Records *chosen = nullptr;
    for (const auto &[point, records] : remembered.points) {
        if (remembered.ifindex != 0 && point.first != remembered.ifindex)
            continue;
        if (!chosen || records.size() > chosen->size())
            chosen = &records;
    }
    return chosen ? *chosen : Records{};
}

} // namespace

std::uint32_t recorder_places(std::uint64_t bytes, unsigned cpus)
{
    constexpr std::uint64_t most = 1U << 24;
    const std::uint64_t each = bytes / sizeof(tt_recorded) / std::max(cpus, 1U);
    return static_cast<std::uint32_t>(std::bit_floor(std::clamp<std::uint64_t>(each, 1, most)));
}

void Recorder::Unmap::operator()(const tt_recorded *memory) const
{
    ::munmap(const_cast<tt_recorded *>(memory), bytes);
}

Result<Recorder> Recorder::open(int map_fd, std::size_t places)
{
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t bytes = (places * sizeof(tt_recorded) + page - 1) / page * page;
    const void *memory = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, map_fd, 0);

    if (memory == MAP_FAILED)
        return fail(Status::CannotRun,
                    fmt::format("cannot map the recorder: {}", std::strerror(errno)),
                    "leave it out: --recorder 0");
    return Recorder(static_cast<const tt_recorded *>(memory), places, bytes);
}

std::vector<tt_record> Recorder::find(std::span<const tt_flow_key> flows) const
{
    std::unordered_map<tt_flow_key, Remembered, FlowKeyHash, FlowKeyEqual> wanted;
    for (const tt_flow_key &flow : flows)
        wanted[connection_of(flow)].ifindex = flow.ifindex;

    for (const tt_recorded &place : std::span(memory_.get(), places_)) {
        tt_recorded copy;
        Segment segment;
        if (!copy_whole(place, copy) || !read_segment(copy, segment))
            continue;
        const auto found = wanted.find(connection_of(segment.key));
        if (found != wanted.end())
            found->second.points[{segment.key.ifindex, segment.key.side}].push_back(
                record_of(copy, segment));
    }
    Records all;
    for (const auto &[flow, remembered] : wanted) {
        Records records = choose_point(remembered);
        std::ranges::stable_sort(records, {}, &tt_record::time_ns);
        drop_earlier_connections(records);
        const std::size_t most = std::min(records.size(), packets_max);
        all.insert(all.end(), records.end() - static_cast<std::ptrdiff_t>(most), records.end());
    }
    std::ranges::stable_sort(all, {}, &tt_record::time_ns);
    return all;
}

} // namespace tcptrace
