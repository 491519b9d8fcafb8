// SPDX-License-Identifier: Apache-2.0
#include "host/proc_file.h"

#include "core/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace tcptrace {

std::optional<std::string> read_proc_file(const std::string &path)
{
    constexpr std::size_t most = 65536;
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return std::nullopt;

    std::string text(most, '\0');
    std::size_t length = 0;
    while (length < most) {
        const ssize_t got = read(file.get(), text.data() + length, most - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return std::nullopt;
        if (got == 0)
            break;
        length += static_cast<std::size_t>(got);
    }
    text.resize(length);
    return text;
}

} // namespace tcptrace
