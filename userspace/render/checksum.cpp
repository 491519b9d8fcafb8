// SPDX-License-Identifier: Apache-2.0
#include "render/checksum.h"

namespace tcptrace {

namespace {

std::uint32_t fold(std::uint32_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

} // namespace

std::uint32_t checksum_add(std::uint32_t sum, Bytes bytes)
{
    for (std::size_t at = 0; at < bytes.size(); at += 2)
        sum = fold(sum + bytes.u16(at)); // an odd last byte is padded with zero
    return sum;
}

std::uint32_t pseudo_header_sum(Bytes source, Bytes destination, std::uint8_t protocol,
                                std::uint32_t length)
{
    std::uint32_t sum = checksum_add(checksum_add(0, source), destination);

    sum = fold(sum + protocol);
    sum = fold(sum + (length >> 16));
    return fold(sum + (length & 0xffff));
}

std::uint32_t checksum_subtract(std::uint32_t sum, std::uint32_t number)
{
    // RFC 1624: in ones' complement that is adding what is not in it.
    return fold(fold(sum) + (~fold(number) & 0xffff));
}

std::uint16_t checksum_finish(std::uint32_t sum)
{
    return static_cast<std::uint16_t>(~fold(sum));
}

std::uint16_t checksum_should_be(std::uint16_t held, std::uint16_t finished)
{
    // RFC 1624: the sum without the field is the sum with it less the field.
    const auto rest = static_cast<std::uint16_t>(~finished);
    const auto without = fold(static_cast<std::uint32_t>(rest) + static_cast<std::uint16_t>(~held));
    return static_cast<std::uint16_t>(~without);
}

} // namespace tcptrace
