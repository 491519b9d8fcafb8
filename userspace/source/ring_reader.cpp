// SPDX-License-Identifier: Apache-2.0
#include "source/ring_reader.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tcptrace {

Result<std::unique_ptr<RingReader>> RingReader::open(int anomalies_fd, int evidence_fd)
{
    std::unique_ptr<RingReader> reader(new RingReader);
    reader->batch_.reserve(batch_max);
    reader->rings_ = ring_buffer__new(anomalies_fd, take, reader.get(), nullptr);
    if (!reader->rings_ || ring_buffer__add(reader->rings_, evidence_fd, take, reader.get()) != 0)
        return fail(Status::CannotRun,
                    std::string("cannot map the ring buffers: ") + std::strerror(errno));
    return reader;
}

RingReader::~RingReader()
{
    ring_buffer__free(rings_);
}

int RingReader::fd() const
{
    return ring_buffer__epoll_fd(rings_);
}

int RingReader::take(void *self, void *data, std::size_t size)
{
    auto &batch = static_cast<RingReader *>(self)->batch_;
    if (size >= sizeof(tt_record)) // the ring rounds up
        batch.push_back(*static_cast<const tt_record *>(data));
    // A negative value ends the drain; what was taken counts as read.
    return batch.size() >= batch_max ? -ENOSPC : 0;
}

const std::vector<tt_record> &RingReader::drain()
{
    batch_.clear();
    ring_buffer__consume(rings_);
    std::ranges::stable_sort(batch_, {}, &tt_record::time_ns);
    return batch_;
}

} // namespace tcptrace
