// SPDX-License-Identifier: Apache-2.0
// Drains ring buffers into one batch in order of time: what two rings and several CPUs
// wrote meets here.
#pragma once

#include "core/result.h"

#include <tcptrace/record.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct ring_buffer;

namespace tcptrace {

// One entry of a ring. A packet's frame is longer than record.head.
struct Told {
    const tt_record *record;
    std::span<const std::uint8_t> frame;
};

class RingReader {
public:
    // A batch is bounded, so that a storm cannot keep the reader from its other duties.
    static constexpr std::size_t batch_max = 4096;
    static constexpr std::size_t batch_bytes_max = 4U << 20;

    [[nodiscard]] static Result<std::unique_ptr<RingReader>> open(int anomalies_fd,
                                                                  int evidence_fd);
    RingReader(const RingReader &) = delete;
    RingReader &operator=(const RingReader &) = delete;
    ~RingReader();

    [[nodiscard]] int fd() const; // readable when a ring has something
    // What is there now, as far as the bounds go, sorted by time. Valid until the next call.
    [[nodiscard]] const std::vector<Told> &drain();

private:
    RingReader() = default;
    static int take(void *self, void *data, std::size_t size);
    void keep(std::span<const std::uint8_t> entry);

    ring_buffer *rings_ = nullptr;
    std::vector<tt_record> storage_; // entries, each from the start of an element on
    std::vector<std::size_t> starts_;
    std::vector<Told> batch_;
};

} // namespace tcptrace
