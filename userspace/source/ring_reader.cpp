// SPDX-License-Identifier: Apache-2.0
#include "source/ring_reader.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tcptrace {

namespace {

constexpr std::size_t head_offset = offsetof(tt_record, head);

} // namespace

Result<std::unique_ptr<RingReader>> RingReader::open(int anomalies_fd, int evidence_fd)
{
    std::unique_ptr<RingReader> reader(new RingReader);
    reader->storage_.reserve(batch_max);
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

// An entry takes as many elements as it needs, which aligns it.
void RingReader::keep(std::span<const std::uint8_t> entry)
{
    const std::size_t start = storage_.size();
    storage_.resize(start + (entry.size() + sizeof(tt_record) - 1) / sizeof(tt_record));
    std::memcpy(&storage_[start], entry.data(), entry.size());
    const std::size_t room = entry.size() - head_offset;
    storage_[start].head_length =
        static_cast<tt_u16>(std::min<std::size_t>(storage_[start].head_length, room));
    starts_.push_back(start);
}

int RingReader::take(void *self, void *data, std::size_t size)
{
    auto &reader = *static_cast<RingReader *>(self);
    if (size > head_offset)
        reader.keep({static_cast<const std::uint8_t *>(data), size});
    // A negative value ends the drain; what was taken counts as read.
    const bool full = reader.starts_.size() >= batch_max ||
                      reader.storage_.size() * sizeof(tt_record) >= batch_bytes_max;
    return full ? -ENOSPC : 0;
}

const std::vector<Told> &RingReader::drain()
{
    storage_.clear();
    starts_.clear();
    batch_.clear();
    ring_buffer__consume(rings_);
    for (const std::size_t start : starts_) {
        const tt_record &record = storage_[start];
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(&record);
        batch_.push_back({&record, {bytes + head_offset, record.head_length}});
    }
    // Of one moment, the event before its packet.
    std::ranges::stable_sort(batch_, [](const Told &a, const Told &b) {
        return std::pair(a.record->time_ns, a.record->is_packet) <
               std::pair(b.record->time_ns, b.record->is_packet);
    });
    return batch_;
}

} // namespace tcptrace
