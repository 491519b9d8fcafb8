// SPDX-License-Identifier: Apache-2.0
// How a translated filter gets at a frame's bytes: code for one load, in one of the ways
// there are. What is done with the bytes is translate.cpp's.
//
//   Direct  from packet memory, behind a comparison with its end, which the verifier
//           wants. Cheap. What it cannot reach makes it give up, and the filter starts
//           anew with Helper: a filter has no effects, so that is allowed.
//   Helper  bpf_skb_load_bytes(), which reaches all of a packet at TC.
//
// `tagged`: a VLAN tag stands in meta data, and offsets count as if it were in the frame.
#pragma once

#include "filter/ebpf_code.h"
#include "filter/translate.h"

#include <cstdint>

namespace tcptrace {

// Who has which register, from a body's first instruction to its last.
namespace registers {
inline constexpr Register data = Register::R1; // Direct only: calls would lose them
inline constexpr Register data_end = Register::R2;
inline constexpr Register context = Register::R6;
inline constexpr Register a = Register::R7; // classic BPF's A and X: upper half 0
inline constexpr Register x = Register::R8;
inline constexpr Register tag = Register::R9; // TPID << 16 | TCI, if tagged
} // namespace registers

// Offsets from the frame pointer.
namespace stack {
inline constexpr std::int16_t memory = -64;        // M[0] ... M[15]
inline constexpr std::int16_t buffer = memory - 8; // what a helper reads or writes
inline constexpr std::int16_t head = buffer - 24;  // Helper, tagged: the frame's first bytes
} // namespace stack

class FrameAccess {
public:
    enum class Means { Direct, Helper };

    // `beyond`: where to go for bytes the frame does not have; `give_up`: see Direct.
    FrameAccess(EbpfCode &code, Means means, bool tagged, bool xdp, EbpfCode::Label beyond,
                EbpfCode::Label give_up)
        : code_(code), means_(means), tagged_(tagged), xdp_(xdp), beyond_(beyond), give_up_(give_up)
    {
    }

    // Before the first load.
    void begin();
    // Makes sure that `end` bytes of packet memory are there. Direct only.
    void guard(std::uint32_t end);
    // Up to where packet memory must be guarded for a load() of so many bytes; 0: it is not
    // read from there.
    [[nodiscard]] std::uint32_t guarded_end(std::uint32_t offset, unsigned bytes) const;
    // Both put a number of so many bytes into `to`.
    void load(Register to, std::uint32_t offset, unsigned bytes);
    void load_behind_x(Register to, std::uint32_t offset, unsigned bytes);
    // The frame's length on the wire.
    void load_length(Register to);

private:
    void load_direct(Register to, std::uint32_t offset, unsigned bytes);
    void load_tag(Register to, std::uint32_t offset, unsigned bytes);
    void load_from_head(Register to, std::uint32_t offset, unsigned bytes);
    void load_direct_behind_x(Register to, std::uint32_t offset, unsigned bytes);
    void load_by_helper_behind_x(Register to, std::uint32_t offset, unsigned bytes);
    void load_crossing_tag(Register to, unsigned bytes, EbpfCode::Label done);
    void call_helper(unsigned bytes, std::int16_t to);
    void load_by_helper(Register to, unsigned bytes);
    void copy_head();

    EbpfCode &code_;
    Means means_;
    bool tagged_;
    bool xdp_;
    EbpfCode::Label beyond_;
    EbpfCode::Label give_up_;
};

} // namespace tcptrace
