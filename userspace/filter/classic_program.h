// SPDX-License-Identifier: Apache-2.0
// A filter as libpcap compiles it: classic BPF, in types of our own, because <pcap/bpf.h>
// and <linux/bpf.h> both call their different instructions `struct bpf_insn`.
#pragma once

#include <tcptrace/flow_key.h>

#include <cstdint>
#include <vector>

namespace tcptrace {

struct ClassicInstruction {
    std::uint16_t code = 0; // BPF_LD | BPF_W | ..., the same in both headers
    std::uint8_t jt = 0;    // instructions to skip if the test holds, or not
    std::uint8_t jf = 0;
    std::uint32_t k = 0;
};

using ClassicProgram = std::vector<ClassicInstruction>;

// As the kernel's BPF_MAXINSNS and BPF_MEMWORDS.
inline constexpr std::size_t classic_instructions_max = 4096;
inline constexpr std::uint32_t classic_memory_words = 16;

// Linux's ancillary loads (linux/filter.h): what is known of a packet besides its bytes
// stands at offsets no packet has. Those that libpcap's `inbound` and `ifindex` use.
inline constexpr std::uint32_t ancillary_begin = 0xfffff000; // SKF_AD_OFF
inline constexpr std::uint32_t ancillary_packet_type = ancillary_begin + 4;
inline constexpr std::uint32_t ancillary_ifindex = ancillary_begin + 8;
inline constexpr std::uint32_t packet_type_host = 0;     // PACKET_HOST
inline constexpr std::uint32_t packet_type_outgoing = 4; // PACKET_OUTGOING

constexpr std::uint32_t packet_type_of(tt_way way)
{
    return way == TT_OUT ? packet_type_outgoing : packet_type_host;
}

} // namespace tcptrace
