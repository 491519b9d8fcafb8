// SPDX-License-Identifier: Apache-2.0
#include "sink/stream.h"

#include "sink/write_all.h"

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t buffer_max = 64 * 1024;

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
    const int failure = write_all(fd_.get(), buffer_).error;
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
                advice_on(error));
}

} // namespace tcptrace
