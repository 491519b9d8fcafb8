// SPDX-License-Identifier: Apache-2.0
#include "sink/write_all.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace tcptrace {

namespace {

// Waits until a non-blocking descriptor takes bytes again.
void wait_for_room(int fd)
{
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    ::poll(&waiting, 1, -1);
}

} // namespace

Written write_all(int fd, std::string_view bytes)
{
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno == EAGAIN)
            wait_for_room(fd);
        else if (errno != EINTR)
            return {.bytes = done, .error = errno};
    }
    return {.bytes = done, .error = 0};
}

std::string advice_on(int error)
{
    switch (error) {
    case ENOSPC:
        return "make room on the disk, or write elsewhere";
    case EDQUOT:
        return "make room within the quota, or write elsewhere";
    case EFBIG:
        return "raise the limit (ulimit -f), or write several files (-C)";
    default:
        return {};
    }
}

} // namespace tcptrace
