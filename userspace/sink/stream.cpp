// SPDX-License-Identifier: Apache-2.0
#include "sink/stream.h"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t buffer_max = 64 * 1024;

// Waits until a non-blocking descriptor takes bytes again.
void wait_for_room(int fd)
{
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    ::poll(&waiting, 1, -1);
}

// errno of the failure, or 0.
int write_all(int fd, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written >= 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (errno == EAGAIN)
            wait_for_room(fd);
        else if (errno != EINTR)
            return errno;
    }
    return 0;
}

UniqueFd duplicate(int fd)
{
    return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

} // namespace

Stream::Stream(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

Stream Stream::standard_output()
{
    return {duplicate(STDOUT_FILENO), "standard output"};
}

Stream Stream::standard_error()
{
    return {duplicate(STDERR_FILENO), "standard error"};
}

Stream::~Stream()
{
    if (fd_)
        flush();
}

void Stream::write(std::string_view lines)
{
    if (dead_)
        return;
    buffer_ += lines;
    if (buffer_.size() >= buffer_max)
        flush();
}

void Stream::flush()
{
    if (dead_ || buffer_.empty())
        return;
    const int failure = write_all(fd_.get(), buffer_);
    buffer_.clear();
    dead_ = failure != 0;
    error_ = failure == EPIPE ? 0 : failure;
}

Result<void> Stream::finish()
{
    flush();
    if (error_ == 0)
        return {};
    const int error = std::exchange(error_, 0);
    return fail(Status::InputOutput,
                "cannot write to " + name_ + ": " + std::generic_category().message(error),
                error == ENOSPC ? "make room on the disk, or write elsewhere" : "");
}

} // namespace tcptrace
