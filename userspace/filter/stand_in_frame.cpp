// SPDX-License-Identifier: Apache-2.0
#include "filter/stand_in_frame.h"

#include <tcptrace/parse.h>

#include <algorithm>

namespace tcptrace {

namespace {

class Writer {
public:
    explicit Writer(StandInFrame &frame) : frame_(frame) {}
    void byte(std::uint32_t value) { frame_.storage[frame_.length++] = std::uint8_t(value); }
    void half(std::uint32_t value)
    {
        byte(value >> 8);
        byte(value);
    }
    void word(std::uint32_t value)
    {
        half(value >> 16);
        half(value);
    }
    void zeros(std::size_t count) { frame_.length += count; }
    void address(const Address &address)
    {
        const std::size_t skip = address.family == TT_IPV4 ? 12 : 0;
        for (std::size_t i = skip; i < 16; i++)
            byte(address.raw.bytes[i]);
    }

private:
    StandInFrame &frame_;
};

void write_ip(Writer &out, const Endpoint &source, const Endpoint &destination, std::uint8_t ttl,
              std::uint32_t payload)
{
    if (source.address.family == TT_IPV4) {
        out.half(TT_ETHERTYPE_IPV4);
        out.half(0x4500);
        out.half(std::min(payload + 20, 0xffffU));
        out.zeros(4);
        out.byte(ttl);
        out.byte(TT_PROTOCOL_TCP);
        out.zeros(2);
    } else {
        out.half(TT_ETHERTYPE_IPV6);
        out.word(0x60000000);
        out.half(std::min(payload, 0xffffU));
        out.byte(TT_PROTOCOL_TCP);
        out.byte(ttl);
    }
    out.address(source.address);
    out.address(destination.address);
}

} // namespace

StandInFrame stand_in_frame(const tt_segment &segment, const Endpoint &source,
                            const Endpoint &destination)
{
    StandInFrame frame;
    Writer out(frame);

    out.zeros(12); // MAC addresses
    write_ip(out, source, destination, segment.ttl, TT_TCP_HEADER_MIN + segment.length);
    out.half(source.port);
    out.half(destination.port);
    out.word(segment.sequence);
    out.word(segment.acknowledgment);
    out.byte(TT_TCP_HEADER_MIN / 4 << 4);
    out.byte(segment.flags);
    out.half(segment.window);
    out.zeros(4); // checksum, urgent pointer
    frame.wire_length = static_cast<std::uint32_t>(frame.length) + segment.length;
    return frame;
}

} // namespace tcptrace
