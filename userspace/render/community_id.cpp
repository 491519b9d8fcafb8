// SPDX-License-Identifier: Apache-2.0
#include "render/community_id.h"

#include "render/sha1.h"

#include <array>
#include <span>
#include <string_view>

namespace tcptrace {

namespace {

// Seed (2, zero), addresses, protocol, padding, ports.
constexpr std::size_t input_max = 2 + 16 + 16 + 2 + 4;

std::string base64(std::span<const std::uint8_t> bytes)
{
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;

    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = bytes.size() - at;
        const std::uint32_t group =
            static_cast<std::uint32_t>(bytes[at]) << 16 |
            (left > 1 ? static_cast<std::uint32_t>(bytes[at + 1]) << 8 : 0) |
            (left > 2 ? bytes[at + 2] : 0U);
        text += letters[group >> 18];
        text += letters[(group >> 12) & 63];
        text += left > 1 ? letters[(group >> 6) & 63] : '=';
        text += left > 2 ? letters[group & 63] : '=';
    }
    return text;
}

} // namespace

std::string community_id(const Endpoint &a, const Endpoint &b, std::uint8_t protocol)
{
    const bool ordered = a <= b; // addresses by their bytes, then ports
    const Endpoint &lower = ordered ? a : b;
    const Endpoint &higher = ordered ? b : a;
    const std::size_t skip = a.address.family == TT_IPV4 ? 12 : 0;
    std::array<std::uint8_t, input_max> input{};
    std::size_t at = 2;

    const auto add = [&](std::uint8_t byte) { input[at++] = byte; };
    const auto add_port = [&](std::uint16_t port) {
        add(static_cast<std::uint8_t>(port >> 8));
        add(static_cast<std::uint8_t>(port));
    };
    for (const Endpoint *end : {&lower, &higher})
        for (const std::uint8_t byte : std::span(end->address.raw.bytes).subspan(skip))
            add(byte);
    add(protocol);
    add(0);
    add_port(lower.port);
    add_port(higher.port);
    return "1:" + base64(sha1(std::span(input).first(at)));
}

} // namespace tcptrace
