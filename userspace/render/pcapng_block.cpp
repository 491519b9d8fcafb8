// SPDX-License-Identifier: Apache-2.0
#include "render/pcapng_block.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::size_t alignment = 4;
constexpr std::size_t length_at = 4; // behind the block's type
constexpr std::size_t option_bytes_max = 65535;
constexpr std::uint16_t end_of_options = 0;

// Never within a character of UTF-8.
std::string_view cut(std::string_view text)
{
    if (text.size() <= option_bytes_max)
        return text;
    std::size_t length = option_bytes_max;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        length--;
    return text.substr(0, length);
}

} // namespace

PcapngBlock::PcapngBlock(std::string &out, std::uint32_t type) : out_(out), begin_(out.size())
{
    append_native(out_, type);
    append_native(out_, std::uint32_t{0}); // its length, which finish() knows
}

void PcapngBlock::pad()
{
    while ((out_.size() - begin_) % alignment != 0)
        out_ += '\0';
}

PcapngBlock &PcapngBlock::bytes(std::span<const std::uint8_t> bytes)
{
    out_.append(bytes.begin(), bytes.end());
    pad();
    return *this;
}

PcapngBlock &PcapngBlock::option(std::uint16_t code, std::string_view value)
{
    value = cut(value);
    append_native(out_, code);
    append_native(out_, static_cast<std::uint16_t>(value.size()));
    out_ += value;
    pad();
    has_options_ = true;
    return *this;
}

void PcapngBlock::finish()
{
    if (has_options_) {
        append_native(out_, end_of_options);
        append_native(out_, std::uint16_t{0});
    }
    const auto length = static_cast<std::uint32_t>(out_.size() - begin_ + sizeof(std::uint32_t));
    append_native(out_, length);
    std::copy_n(out_.end() - sizeof length, sizeof length,
                out_.begin() + static_cast<std::ptrdiff_t>(begin_ + length_at));
}

} // namespace tcptrace
