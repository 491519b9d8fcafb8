// SPDX-License-Identifier: Apache-2.0
#include "source/capture_file.h"

#include "core/signals.h"
#include "core/unique_fd.h"
#include "source/link_type.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tcptrace {

void CaptureFile::Close::operator()(pcap *handle) const
{
    pcap_close(handle);
}

namespace {

// A signal must not look like damage: SIGUSR1 goes on reading, SIGINT is the end.
ssize_t read_on(void *cookie, char *to, std::size_t size)
{
    for (;;) {
        const ssize_t got = ::read(static_cast<UniqueFd *>(cookie)->get(), to, size);
        if (got >= 0 || errno != EINTR)
            return got;
        if (stop_requested())
            return 0;
    }
}

int close_input(void *cookie)
{
    delete static_cast<UniqueFd *>(cookie);
    return 0;
}

// Opened by ourselves, so that the reason is the system's and not "fread: Is a directory".
Result<std::FILE *> open_stream(const std::string &path, const std::string &name)
{
    constexpr std::size_t buffer_size = 1U << 16;
    auto fd = std::make_unique<UniqueFd>(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                                     : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!*fd)
        return fail(Status::InputOutput,
                    fmt::format("cannot open {}: {}", name, std::strerror(errno)));
    struct stat status{};
    if (fstat(fd->get(), &status) == 0 && S_ISDIR(status.st_mode))
        return fail(Status::InputOutput, fmt::format("cannot read {}: it is a directory", name));
    std::FILE *stream = fopencookie(
        fd.get(), "rb", {.read = read_on, .write = nullptr, .seek = nullptr, .close = close_input});
    if (!stream)
        return fail(Status::InputOutput,
                    fmt::format("cannot read {}: {}", name, std::strerror(errno)));
    static_cast<void>(fd.release()); // close_input() has it
    std::setvbuf(stream, nullptr, _IOFBF, buffer_size);
    return stream;
}

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
    const auto stream = open_stream(path, file.name_);
    if (!stream)
        return std::unexpected(stream.error());
    pcap *handle = pcap_fopen_offline_with_tstamp_precision(*stream, PCAP_TSTAMP_PRECISION_NANO,
                                                            reason.data());
    if (!handle) {
        std::fclose(*stream);
        return fail(Status::InputOutput, fmt::format("{} is no capture file that can be read: {}",
                                                     file.name_, reason.data()));
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

PacketKind CaptureFile::kind() const
{
    return {.data_link = data_link_,
            .link = link_,
            .from_file = true,
            .snap_length = pcap_snapshot(handle_.get())};
}

Result<const Frame *> CaptureFile::next()
{
    pcap_pkthdr *header = nullptr;
    const u_char *bytes = nullptr;
    const int read = pcap_next_ex(handle_.get(), &header, &bytes);

    if (read == PCAP_ERROR_BREAK || (read != 1 && stop_requested()))
        return nullptr;
    if (read != 1)
        return fail(Status::InputOutput,
                    fmt::format("{} is damaged after frame {}: {}", name_, frame_.number,
                                pcap_geterr(handle_.get())),
                    "all frames before it were read");
    frame_.time_ns = std::max(frame_.time_ns, to_ns(header->ts));
    frame_.number++;
    frame_.wire_length = std::max(header->len, header->caplen);
    frame_.bytes = {bytes, header->caplen};
    return &frame_;
}

} // namespace tcptrace
