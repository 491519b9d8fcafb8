// SPDX-License-Identifier: Apache-2.0
// One block of a pcapng file: type, length, body, options, and the length again.
#pragma once

#include "render/native_bytes.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tcptrace {

class PcapngBlock {
public:
    // Begins a block at the end of `out`, which finish() ends.
    PcapngBlock(std::string &out, std::uint32_t type);

    template <std::integral Number>
    PcapngBlock &number(Number value)
    {
        append_native(out_, value);
        return *this;
    }
    PcapngBlock &bytes(std::span<const std::uint8_t> bytes); // padded to 4
    PcapngBlock &option(std::uint16_t code, std::string_view value);
    template <std::integral Number>
    PcapngBlock &number_option(std::uint16_t code, Number value)
    {
        std::string bytes;
        append_native(bytes, value);
        return option(code, bytes);
    }
    void finish();

private:
    void pad();

    std::string &out_;
    std::size_t begin_;
    bool has_options_ = false;
};

} // namespace tcptrace
