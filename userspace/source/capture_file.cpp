// SPDX-License-Identifier: Apache-2.0
#include "source/capture_file.h"

#include "core/signals.h"
#include "source/link_type.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace tcptrace {

void CaptureFile::Close::operator()(pcap *handle) const
{
    pcap_close(handle);
}

namespace {

// With nanosecond precision tv_usec holds nanoseconds. Files hold anything: more than a
// second of them, seconds from 2038 on (negative to libpcap), times beyond what counts.
std::uint64_t to_ns(const timeval &time)
{
    constexpr std::int64_t seconds_max = 1LL << 33; // year 2242
    std::int64_t seconds = time.tv_sec;

    if (seconds < 0)
        seconds = static_cast<std::uint32_t>(seconds);
    seconds = std::min(seconds, seconds_max);
    const std::int64_t fraction = std::max<std::int64_t>(time.tv_usec, 0);
    return static_cast<std::uint64_t>(seconds) * TT_NSEC_PER_SEC +
           static_cast<std::uint64_t>(fraction);
}

} // namespace

Result<CaptureFile> CaptureFile::open(const std::string &path)
{
    CaptureFile file;
    std::array<char, PCAP_ERRBUF_SIZE> reason{};

    file.name_ = path == "-" ? "standard input" : path;
    auto stream = CaptureStream::open(path, file.name_);
    if (!stream)
        return std::unexpected(stream.error());
    file.stream_ = std::move(*stream);
    std::FILE *bytes = file.stream_->as_file();
    if (!bytes)
        return fail(Status::InputOutput,
                    fmt::format("cannot read {}: {}", file.name_, std::strerror(errno)));
    pcap *handle =
        pcap_fopen_offline_with_tstamp_precision(bytes, PCAP_TSTAMP_PRECISION_NANO, reason.data());
    if (!handle) {
        std::fclose(bytes);
        const std::string &own = file.stream_->reason();
        return fail(Status::InputOutput,
                    fmt::format("{} is no capture file that can be read: {}", file.name_,
                                own.empty() ? reason.data() : own));
    }
    file.handle_.reset(handle);
    file.data_link_ = pcap_datalink(handle);
    const auto link = link_of(file.data_link_);
    if (!link) {
        const char *word = pcap_datalink_val_to_name(file.data_link_);
        return fail(Status::InputOutput,
                    fmt::format("{} has link type {} ({}), which tcptrace does not read",
                                file.name_, file.data_link_, word ? word : "unknown"),
                    "it reads Ethernet, raw IP, Linux cooked v1 and v2, and loopback");
    }
    file.link_ = *link;
    return file;
}

std::uint32_t CaptureFile::snaplen() const
{
    return static_cast<std::uint32_t>(pcap_snapshot(handle_.get()));
}

PacketKind CaptureFile::kind() const
{
    return {.data_link = data_link_,
            .link = link_,
            .from_file = true,
            .swapped = pcap_is_swapped(handle_.get()) != 0,
            .snap_length = pcap_snapshot(handle_.get())};
}

Result<bool> CaptureFile::read(Frame &frame)
{
    pcap_pkthdr *header = nullptr;
    const u_char *bytes = nullptr;
    const int read = pcap_next_ex(handle_.get(), &header, &bytes);

    if (read == PCAP_ERROR_BREAK || (read != 1 && stop_requested()))
        return false;
    if (read != 1) {
        const std::string &own = stream_->reason();
        return fail(Status::InputOutput,
                    fmt::format("{} is damaged after frame {}: {}", name_, number_,
                                own.empty() ? pcap_geterr(handle_.get()) : own),
                    "all frames before it were read");
    }
    number_++;
    frame.stamp_ns = to_ns(header->ts);
    frame.number = number_;
    frame.wire_length = std::max(header->len, header->caplen);
    frame.bytes = {bytes, header->caplen};
    return true;
}

Result<const Frame *> CaptureFile::next()
{
    std::optional<std::uint64_t> next_stamp_ns;
    const bool was_ahead = ahead_.has_value();
    const Result<bool> got = was_ahead ? *std::exchange(ahead_, std::nullopt) : read(frame_);

    if (!got)
        return std::unexpected(got.error());
    if (!*got)
        return nullptr;
    if (was_ahead)
        frame_ = frame_ahead_;
    // Of a pipe the first frame is believed as it is: the second may be long in coming.
    const bool first = frame_.number == 1 && !stream_->waits();
    if (first || clock_.doubts(frame_.stamp_ns)) {
        doubted_.assign(frame_.bytes.begin(), frame_.bytes.end());
        frame_.bytes = doubted_;
        ahead_ = read(frame_ahead_);
        if (*ahead_ && **ahead_)
            next_stamp_ns = frame_ahead_.stamp_ns;
    }
    const std::uint64_t time_ns = clock_.advance(frame_.stamp_ns, next_stamp_ns);
    frame_.time_ns = offset_ < 0 && time_ns <= static_cast<std::uint64_t>(-offset_)
                         ? 1 // 0 is "never" to the classifier
                         : time_ns + static_cast<std::uint64_t>(offset_);
    return &frame_;
}

} // namespace tcptrace
