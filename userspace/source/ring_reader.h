// SPDX-License-Identifier: Apache-2.0
// Drains ring buffers into one batch in order of time: what two rings and several CPUs
// wrote meets here.
#pragma once

#include "core/result.h"

#include <tcptrace/record.h>

#include <memory>
#include <vector>

struct ring_buffer;

namespace tcptrace {

class RingReader {
public:
    // A batch is bounded, so that a storm cannot keep the reader from its other duties.
    static constexpr std::size_t batch_max = 4096;

    [[nodiscard]] static Result<std::unique_ptr<RingReader>> open(int anomalies_fd,
                                                                  int evidence_fd);
    RingReader(const RingReader &) = delete;
    RingReader &operator=(const RingReader &) = delete;
    ~RingReader();

    [[nodiscard]] int fd() const; // readable when a ring has something
    // What is there now, at most batch_max, sorted by time. Valid until the next call.
    [[nodiscard]] const std::vector<tt_record> &drain();

private:
    RingReader() = default;
    static int take(void *self, void *data, std::size_t size);

    ring_buffer *rings_ = nullptr;
    std::vector<tt_record> batch_;
};

} // namespace tcptrace
