// SPDX-License-Identifier: Apache-2.0
#include "render/packet_printer.h"

#include "render/dump.h"
#include "render/link_line.h"
#include "render/text.h"
#include "render/wall.h"

namespace tcptrace {

namespace {

constexpr std::uint32_t length_max = 262144; // tcpdump's longest snapshot length

// Of a record whose lengths cannot be, tcpdump prints these and nothing else.
bool append_impossible_lengths(std::string &out, const PacketView &packet)
{
    const std::size_t captured = packet.bytes.size();
    const std::size_t start = out.size();
    const auto tell = [&](const std::string &what) {
        out += out.size() == start ? "[Invalid header:" : ",";
        out += what;
    };

    if (captured == 0)
        tell(" caplen==0");
    if (packet.wire_length == 0)
        tell(" len==0");
    else if (packet.wire_length < captured)
        tell(fmt::format(" len({}) < caplen({})", packet.wire_length, captured));
    if (captured > length_max)
        tell(fmt::format(" caplen({}) > {}", captured, length_max));
    if (packet.wire_length > length_max)
        tell(fmt::format(" len({}) > {}", packet.wire_length, length_max));
    if (out.size() == start)
        return false;
    out += "]\n";
    return true;
}

} // namespace

PacketPrinter::PacketPrinter(const LineOptions &options)
    : options_(options), time_(options.time, options.nanoseconds)
{
}

void PacketPrinter::append(std::string &out, const PacketView &packet, std::int64_t wall_offset_ns,
                           std::string_view mark)
{
    printed_++;
    if (options_.number)
        put(out, "{:>5}  ", printed_);
    if (append_impossible_lengths(out, packet))
        return;
    time_.append(out, to_unix(packet.time_ns, wall_offset_ns));
    append_link(out, packet, {.options = options_, .printed = &sequence_numbers_});
    out += mark;
    append_dump(out, options_.dump, packet);
    out += '\n';
}

} // namespace tcptrace
