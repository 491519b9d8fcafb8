// SPDX-License-Identifier: Apache-2.0
// Classic BPF on a captured frame, by libpcap's interpreter, with what only a live capture
// knows of it (inbound, ifindex) put in its place.
#pragma once

#include "filter/classic_program.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace tcptrace {

// Where a packet was seen; unknown for most files.
struct SeenAt {
    tt_way way = TT_WAY_UNKNOWN;
    std::uint32_t ifindex = 0;
};

class ClassicRun {
public:
    explicit ClassicRun(const ClassicProgram &program);
    ClassicRun(ClassicRun &&) noexcept;
    ClassicRun &operator=(ClassicRun &&) noexcept;
    ~ClassicRun();

    [[nodiscard]] bool matches(std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                               const SeenAt &where = {}) const;

private:
    struct Code;
    std::unique_ptr<Code> code_;
};

} // namespace tcptrace
