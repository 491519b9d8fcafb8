// SPDX-License-Identifier: Apache-2.0
#include "support/private_netns.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace tcptrace::test {

namespace {

constexpr const char *here = "/proc/thread-self/ns/net";

void bring_lo_up()
{
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP;
    if (ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
        throw std::runtime_error("cannot bring lo up");
}

} // namespace

PrivateNetns::PrivateNetns() : home_(open(here, O_RDONLY | O_CLOEXEC))
{
    if (unshare(CLONE_NEWNET) != 0)
        throw std::runtime_error("cannot make a network namespace");
    bring_lo_up();
}

PrivateNetns::~PrivateNetns()
{
    setns(home_.get(), CLONE_NEWNET);
}

std::uint32_t PrivateNetns::inode() const
{
    struct stat status{};
    stat(here, &status);
    return static_cast<std::uint32_t>(status.st_ino);
}

bool PrivateNetns::run(const std::string &command) const
{
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

} // namespace tcptrace::test
