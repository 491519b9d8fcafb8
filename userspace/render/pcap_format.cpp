// SPDX-License-Identifier: Apache-2.0
#include "render/pcap_format.h"

#include "render/captured_bytes.h"
#include "render/native_bytes.h"

namespace tcptrace {

namespace {

constexpr std::uint32_t magic_micro = 0xa1b2c3d4;
constexpr std::uint32_t magic_nano = 0xa1b23c4d;
constexpr std::uint64_t ns_per_second = 1'000'000'000;
constexpr std::uint64_t ns_per_micro = 1'000;

} // namespace

void PcapFormat::begin(std::string &out)
{
    append_native(out, options_.nanoseconds ? magic_nano : magic_micro);
    append_native(out, std::uint16_t{2}); // version 2.4
    append_native(out, std::uint16_t{4});
    append_native(out, std::uint64_t{0}); // time zone and accuracy, which nobody uses
    append_native(out, options_.snaplen);
    append_native(out, options_.link_type);
}

void PcapFormat::packet(std::string &out, const PacketView &packet, std::uint64_t unix_ns,
                        std::span<const std::string> /*comments*/)
{
    const CapturedBytes captured(packet, options_.link_type, options_.snaplen);
    const std::uint64_t fraction = unix_ns % ns_per_second;

    append_native(out, static_cast<std::uint32_t>(unix_ns / ns_per_second));
    append_native(
        out, static_cast<std::uint32_t>(options_.nanoseconds ? fraction : fraction / ns_per_micro));
    append_native(out, captured.captured_length());
    append_native(out, captured.wire_length());
    out.append(captured.bytes().begin(), captured.bytes().end());
}

} // namespace tcptrace
