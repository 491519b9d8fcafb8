// SPDX-License-Identifier: Apache-2.0
// The kernel's recorder, read: the packets of a flow from before somebody asked for them.
// How they are remembered is bpf/recorder.bpf.h's.
#pragma once

#include "core/flow_key.h"
#include "core/result.h"

#include <tcptrace/kernel_memory.h>
#include <tcptrace/record.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tcptrace {

// Packets that each CPU can remember in so many bytes: a power of two, at least 1.
[[nodiscard]] std::uint32_t recorder_places(std::uint64_t bytes, unsigned cpus);

class Recorder {
public:
    // Of one flow, the latest.
    static constexpr std::size_t packets_max = 16;

    // `places`: of all CPUs.
    [[nodiscard]] static Result<Recorder> open(int map_fd, std::size_t places);

    // The packets that are remembered of these flows, as records without anomaly, in order of
    // time. A flow is looked for at the key's interface; where that is 0 (the stack told of it),
    // at the one that saw most of it. Not those of an earlier connection on the same ports.
    // Reads all of the memory: milliseconds for 16 MiB.
    [[nodiscard]] std::vector<tt_record> find(std::span<const tt_flow_key> flows) const;

private:
    struct Unmap {
        std::size_t bytes;
        void operator()(const tt_recorded *memory) const;
    };
    Recorder(const tt_recorded *memory, std::size_t places, std::size_t bytes)
        : memory_(memory, Unmap{bytes}), places_(places)
    {
    }

    std::unique_ptr<const tt_recorded, Unmap> memory_;
    std::size_t places_;
};

} // namespace tcptrace
