// SPDX-License-Identifier: Apache-2.0
#include "source/netns.h"

#include "core/unique_fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace tcptrace {

namespace {

std::uint32_t inode_of(const char *path)
{
    struct stat status{};
    return stat(path, &status) == 0 ? static_cast<std::uint32_t>(status.st_ino) : 0;
}

} // namespace

Result<void> enter_netns(const std::string &name_or_path)
{
    const bool path = name_or_path.find('/') != std::string::npos;
    const std::string file = path ? name_or_path : "/run/netns/" + name_or_path;
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));

    if (!fd)
        return fail(
            Status::CannotRun,
            fmt::format("cannot open the network namespace {}: {}", file, std::strerror(errno)),
            "`ip netns list` shows those with names; --pid takes a process");
    if (setns(fd.get(), CLONE_NEWNET) != 0) {
        const int error = errno;
        return fail(
            Status::CannotRun,
            fmt::format("cannot enter the network namespace {}: {}", file, std::strerror(error)),
            error == EPERM ? "run as root" : "is it a network namespace?");
    }
    return {};
}

std::uint32_t current_netns_inode()
{
    return inode_of("/proc/thread-self/ns/net");
}

bool is_initial_netns(std::uint32_t inode, std::uint32_t inode_of_init)
{
    // NET_NS_INIT_INO of linux/nsfs.h, from 6.18 on. Before, and for all others, numbers begin
    // at 0xF0000000 (PROC_DYNAMIC_FIRST of fs/proc/generic.c).
    constexpr std::uint32_t fixed = 0xEFFFFFF9;
    return inode != 0 && (inode == fixed || inode == inode_of_init);
}

bool in_initial_netns()
{
    return is_initial_netns(current_netns_inode(), inode_of("/proc/1/ns/net"));
}

} // namespace tcptrace
