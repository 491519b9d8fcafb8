// SPDX-License-Identifier: Apache-2.0
// A translated filter, loaded into this kernel without a program behind it, and asked of
// frames by BPF_PROG_TEST_RUN.
#pragma once

#include "core/unique_fd.h"
#include "filter/classic_program.h"
#include "filter/translate.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tcptrace::test {

// A VLAN tag as the kernel keeps it beside a packet.
struct HiddenTag {
    std::uint16_t tpid = 0x8100;
    std::uint16_t tci = 0;
};

class KernelVerdict {
public:
    // Throws std::runtime_error with the translator's or the verifier's reason.
    KernelVerdict(const ClassicProgram &program, const FilterHook &hook);

    // Nothing if this kernel shows the frame to no program: fewer than 14 bytes, or at TC a
    // cut IP header.
    [[nodiscard]] std::optional<bool> operator()(std::span<const std::uint8_t> frame) const;
    // At TC, with the tag beside the frame and not in it.
    [[nodiscard]] std::optional<bool> tagged(std::span<const std::uint8_t> frame,
                                             const HiddenTag &tag) const;
    [[nodiscard]] std::size_t instructions() const { return instructions_; }
    [[nodiscard]] int fd() const { return program_.get(); }

private:
    UniqueFd program_;
    UniqueFd next_; // the map by which pusher_ finds program_
    UniqueFd pusher_;
    std::size_t instructions_ = 0;
    bool xdp_ = false;
};

} // namespace tcptrace::test
