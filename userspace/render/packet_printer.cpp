// SPDX-License-Identifier: Apache-2.0
#include "render/packet_printer.h"

#include "render/packet_line.h"
#include "render/text.h"
#include "render/wall.h"

namespace tcptrace {

PacketPrinter::PacketPrinter(const LineOptions &options) : options_(options), time_(options.time) {}

void PacketPrinter::append(std::string &out, const PacketView &packet, std::int64_t wall_offset_ns,
                           std::string_view mark)
{
    printed_++;
    if (options_.number)
        put(out, "{:>5}  ", printed_);
    time_.append(out, to_unix(packet.time_ns, wall_offset_ns));
    append_packet_line(out, packet, options_);
    out += mark;
    out += '\n';
}

} // namespace tcptrace
