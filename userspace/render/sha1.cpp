// SPDX-License-Identifier: Apache-2.0
#include "render/sha1.h"

#include <bit>
#include <cstddef>

namespace tcptrace {

namespace {

using State = std::array<std::uint32_t, 5>;
using Block = std::array<std::uint8_t, 64>;

constexpr std::size_t length_field = 8;

void mix(State &state, const Block &block)
{
    std::array<std::uint32_t, 80> word{};
    for (std::size_t i = 0; i < block.size(); i++)
        word[i / 4] = word[i / 4] << 8 | block[i];
    for (std::size_t i = 16; i < word.size(); i++)
        word[i] = std::rotl(word[i - 3] ^ word[i - 8] ^ word[i - 14] ^ word[i - 16], 1);

    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < word.size(); i++) {
        std::uint32_t choice = b ^ c ^ d;
        std::uint32_t constant = i < 40 ? 0x6ed9eba1 : 0xca62c1d6;
        if (i < 20) {
            choice = (b & c) | (~b & d);
            constant = 0x5a827999;
        } else if (i >= 40 && i < 60) {
            choice = (b & c) | (b & d) | (c & d);
            constant = 0x8f1bbcdc;
        }
        const std::uint32_t next = std::rotl(a, 5) + choice + e + constant + word[i];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

} // namespace

std::array<std::uint8_t, 20> sha1(std::span<const std::uint8_t> message)
{
    State state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    const std::uint64_t bits = static_cast<std::uint64_t>(message.size()) * 8;
    const std::size_t blocks = (message.size() + 1 + length_field + 63) / 64;

    for (std::size_t n = 0; n < blocks; n++) {
        Block block{};
        for (std::size_t i = 0; i < block.size(); i++) {
            const std::size_t at = n * block.size() + i;
            if (at < message.size())
                block[i] = message[at];
            else if (at == message.size())
                block[i] = 0x80;
        }
        if (n + 1 == blocks)
            for (std::size_t i = 0; i < length_field; i++)
                block[block.size() - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
        mix(state, block);
    }
    std::array<std::uint8_t, 20> digest{};
    for (std::size_t i = 0; i < digest.size(); i++)
        digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
    return digest;
}

} // namespace tcptrace
