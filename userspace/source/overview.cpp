// SPDX-License-Identifier: Apache-2.0
#include "source/overview.h"

#include "source/clock_offsets.h"
#include "source/link_type.h"
#include "source/read_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::uint8_t option_end = 0;
constexpr std::uint8_t option_nop = 1;
constexpr std::uint8_t option_timestamps = 8; // RFC 7323 §3.2
constexpr std::size_t timestamps_length = 10;

std::uint32_t big_endian(std::span<const std::uint8_t> bytes)
{
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
           std::uint32_t{bytes[2]} << 8 | bytes[3];
}

// What differs between two copies of one segment: the sender's time stamp, which no NAT
// touches; without it, the IP identification.
std::uint32_t mark_of(const tt_segment &segment, std::span<const std::uint8_t> frame)
{
    const std::size_t begin = std::size_t{segment.transport_offset} + TT_TCP_HEADER_MIN;
    const std::size_t end = std::size_t{segment.transport_offset} + segment.header_length;

    if (begin > frame.size())
        return segment.identification;
    std::span<const std::uint8_t> options =
        frame.subspan(begin, std::min(end, frame.size()) - std::min(begin, end));
    while (options.size() >= 2 && options[0] != option_end) {
        if (options[0] == option_nop) {
            options = options.subspan(1);
            continue;
        }
        const std::size_t length = options[1];
        if (length < 2 || length > options.size())
            break;
        if (options[0] == option_timestamps && length == timestamps_length)
            return big_endian(options.subspan(2));
        options = options.subspan(length);
    }
    return segment.identification;
}

std::uint64_t shifted(std::uint64_t time_ns, std::int64_t offset)
{
    return time_ns + static_cast<std::uint64_t>(offset); // modulo 2^64: also back
}

} // namespace

std::optional<Overview> Overview::of(const std::vector<std::string> &paths)
{
    std::error_code none;
    const bool can_be_read_twice = std::ranges::all_of(paths, [&](const std::string &path) {
        return std::filesystem::is_regular_file(path, none);
    });

    if (paths.size() < 2 || paths.size() > files_most || !can_be_read_twice)
        return std::nullopt;
    Overview overview;
    for (std::size_t number = 0; number < paths.size(); number++)
        overview.read(paths[number], static_cast<std::uint8_t>(number));
    overview.name_files(paths);
    const auto offsets = clock_offsets(overview.log_, paths.size());
    for (std::size_t number = 0; number < paths.size(); number++)
        overview.files_[number].offset = offsets[number];
    return overview;
}

// What cannot be opened or read is for the run itself to tell of.
void Overview::read(const std::string &path, std::uint8_t number)
{
    bool room = true;
    auto opened = CaptureFile::open(path);

    files_.emplace_back();
    log_.begin_file();
    while (opened && room) {
        const auto frame = opened->next();
        if (!frame || !*frame)
            break;
        take(**frame, opened->link(), number, room);
    }
}

// Without their folder, where that leaves them different.
void Overview::name_files(const std::vector<std::string> &paths)
{
    std::set<std::string> names;
    for (std::size_t number = 0; number < paths.size(); number++) {
        files_[number].name = std::filesystem::path(paths[number]).filename();
        names.insert(files_[number].name);
    }
    for (std::size_t number = 0; names.size() < paths.size() && number < paths.size(); number++)
        files_[number].name = paths[number];
}

void Overview::take(const Frame &frame, tt_link link, std::uint8_t number, bool &room)
{
    File &file = files_[number];
    tt_packet packet;

    if (std::exchange(file.is_empty, false))
        file.from_ns = frame.time_ns;
    file.until_ns = frame.time_ns;
    if (read_frame(frame.bytes, frame.wire_length, link, packet) != TT_PARSED ||
        packet.segment.kind != TT_KIND_TCP)
        return;
    const Place where = place_of(link, frame.bytes);
    tt_flow_key key;
    const tt_segment &segment = packet.segment;
    const tt_u32 sender =
        tt_flow_key_make(&key, &packet.ends, segment.family, where.ifindex, where.way);
    room = log_.add(number, key, sender,
                    {.time_ns = frame.time_ns,
                     .sequence = segment.sequence,
                     .acknowledgment = segment.acknowledgment,
                     .length = segment.length,
                     .mark = mark_of(segment, frame.bytes),
                     .flags = segment.flags,
                     .ttl = segment.ttl});
}

PointView Overview::point(std::size_t file) const
{
    const File &from = files_[file];
    return {.name = from.name,
            .from_ns = shifted(from.from_ns, from.offset),
            .until_ns = shifted(from.until_ns, from.offset),
            .is_empty = from.is_empty};
}

void Overview::add_points(const SegmentLog::Entries &entries, std::size_t file,
                          PathView &view) const
{
    std::map<std::pair<std::uint32_t, std::uint8_t>, PointView> points;

    for (const SegmentLog::Entry &entry : entries) {
        if (entry.file != file)
            continue;
        const auto [at, born] = points.try_emplace({entry.ifindex, entry.side});
        if (born)
            at->second = point(file);
        Sighting &segment = at->second.segments.emplace_back(entry.segment);
        segment.time_ns = shifted(segment.time_ns, files_[file].offset);
    }
    for (auto &[place, each] : points) {
        if (points.size() > 1)
            each.name = fmt::format("{} (interface {})", each.name, place.first);
        view.push_back(std::move(each));
    }
}

// A file without the connection could have seen it if it holds others between the hosts. One
// without any packet says nothing of what it could have seen.
PathView Overview::view(const tt_flow_key &connection,
                        std::optional<std::uint32_t> first_sequence) const
{
    const SegmentLog::Entries *entries = log_.find(connection, first_sequence);
    const std::uint32_t between = log_.files_between(connection);
    PathView view;

    if (!entries)
        return view;
    for (std::size_t file = 0; file < files_.size(); file++) {
        const std::size_t before = view.size();
        add_points(*entries, file, view);
        if (view.size() == before && (files_[file].is_empty || (between >> file & 1U)))
            view.push_back(point(file));
    }
    return view;
}

} // namespace tcptrace
