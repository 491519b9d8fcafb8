// SPDX-License-Identifier: Apache-2.0
#include "source/capture_stream.h"

#include "core/signals.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tcptrace {

namespace {

// A signal that comes between a look at its flag and a read that blocks is noticed after
// so many milliseconds.
constexpr int signal_check_ms = 200;

bool has_bytes(int fd)
{
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&waiting, 1, signal_check_ms) > 0;
}

ssize_t read_cookie(void *cookie, char *to, std::size_t size)
{
    return static_cast<CaptureStream *>(cookie)->read(
        {static_cast<std::uint8_t *>(static_cast<void *>(to)), size});
}

} // namespace

CaptureStream::CaptureStream(UniqueFd fd) : fd_(std::move(fd)) {}

// Opened by ourselves, so that the reason is the system's and not "fread: Is a directory".
Result<std::unique_ptr<CaptureStream>> CaptureStream::open(const std::string &path,
                                                           const std::string &name)
{
    UniqueFd fd(path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};

    if (!fd)
        return fail(Status::InputOutput,
                    fmt::format("cannot open {}: {}", name, std::strerror(errno)));
    if (fstat(fd.get(), &status) == 0 && S_ISDIR(status.st_mode))
        return fail(Status::InputOutput, fmt::format("cannot read {}: it is a directory", name));
    std::unique_ptr<CaptureStream> stream(new CaptureStream(std::move(fd)));
    stream->waits_ = !S_ISREG(status.st_mode);
    stream->look_at_beginning();
    return stream;
}

// A failure or an end this early is told by the first read.
void CaptureStream::look_at_beginning()
{
    std::size_t size = 0;
    while (size < magic_max) {
        const ssize_t got = read_raw(std::span(buffer_).subspan(size));
        if (got <= 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    ahead_ = std::span(buffer_).first(size);
    decompressor_ = decompressor_for(ahead_);
}

std::FILE *CaptureStream::as_file()
{
    constexpr std::size_t stdio_buffer = 1U << 16;
    std::FILE *file = fopencookie(
        this, "rb", {.read = read_cookie, .write = nullptr, .seek = nullptr, .close = nullptr});
    if (file)
        std::setvbuf(file, nullptr, _IOFBF, stdio_buffer);
    return file;
}

ssize_t CaptureStream::read(std::span<std::uint8_t> to)
{
    if (decompressor_)
        return unpack(to);
    if (ahead_.empty())
        return read_raw(to);
    const std::size_t size = std::min(ahead_.size(), to.size());
    std::copy_n(ahead_.begin(), size, to.begin());
    ahead_ = ahead_.subspan(size);
    return static_cast<ssize_t>(size);
}

ssize_t CaptureStream::read_raw(std::span<std::uint8_t> to)
{
    while (!stop_requested()) {
        if (waits_ && !has_bytes(fd_.get()))
            continue;
        const ssize_t got = ::read(fd_.get(), to.data(), to.size());
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got;
    }
    return 0;
}

ssize_t CaptureStream::unpack(std::span<std::uint8_t> to)
{
    using Outcome = Decompressor::Outcome;

    while (reason_.empty()) {
        // Between two members there may be zeros: xz's stream padding, gzip on tapes.
        while (whole_ && !ahead_.empty() && ahead_.front() == 0)
            ahead_ = ahead_.subspan(1);
        if (ahead_.empty() && !output_is_left_) {
            const ssize_t got = read_raw(buffer_);
            if (got == 0 && !whole_ && !stop_requested())
                return give_up("ends too early");
            if (got <= 0)
                return got;
            ahead_ = std::span(buffer_).first(static_cast<std::size_t>(got));
            continue;
        }
        const Decompressor::Step step = decompressor_->step(ahead_, to);
        whole_ = step.outcome == Outcome::MemberEnd;
        output_is_left_ = step.outcome == Outcome::More && step.made == to.size();
        if (step.outcome == Outcome::Damaged)
            static_cast<void>(
                give_up("is broken: " + step.reason)); // for the next call, when this has bytes
        else if (!whole_ && step.made == 0 && step.taken == 0 && !ahead_.empty())
            static_cast<void>(give_up("is broken"));
        ahead_ = ahead_.subspan(step.taken);
        if (step.made > 0)
            return static_cast<ssize_t>(step.made);
    }
    errno = EIO;
    return -1;
}

ssize_t CaptureStream::give_up(std::string_view why)
{
    reason_ = fmt::format("its {} data {}", decompressor_->name(), why);
    errno = EIO;
    return -1;
}

} // namespace tcptrace
