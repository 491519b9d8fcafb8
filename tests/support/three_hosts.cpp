// SPDX-License-Identifier: Apache-2.0
#include "support/three_hosts.h"

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace tcptrace::test {

namespace {

constexpr std::array hosts{client, router, server};

bool shell(const std::string &command)
{
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// Two interfaces, one in each namespace, with the network's first and second address.
bool join(const std::array<std::string, 2> &both, int network)
{
    if (!shell(fmt::format("ip link add v{0}1 netns {1} type veth peer name v{0}2 netns {2}",
                           network, both[0], both[1])))
        return false;
    for (int number = 1; const std::string &host : both) {
        if (!shell(fmt::format("set -e; ip -n {0} addr add 10.63.{1}.{2}/24 dev v{1}{2};"
                               "ip -n {0} addr add fd63:{1}::{2}/64 dev v{1}{2} nodad;"
                               "ip -n {0} link set v{1}{2} up",
                               host, network, number)))
            return false;
        number++;
    }
    return true;
}

} // namespace

ThreeHosts::ThreeHosts()
    : only_one_(open("/tmp/tcptrace-three-hosts.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
      home_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC))
{
    if (flock(only_one_.get(), LOCK_EX) != 0)
        SKIP("cannot lock what only one test may have");
    for (const Host host : hosts) {
        remove(host); // of a test that was killed
        if (!shell("ip netns add " + name(host)))
            SKIP("cannot make a network namespace with `ip netns add`");
        run(host, "ip link set lo up; sysctl -w net.ipv4.ip_forward=1 "
                  "net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0");
    }
    REQUIRE(join({name(router), name(client)}, 1));
    REQUIRE(join({name(router), name(server)}, 2));
    run(client, "ip route add default via 10.63.1.1; ip route add default via fd63:1::1");
    run(server, "ip route add default via 10.63.2.1; ip route add default via fd63:2::1");
}

ThreeHosts::~ThreeHosts()
{
    for (const Host host : hosts)
        remove(host);
}

std::string ThreeHosts::name(Host host) const
{
    constexpr std::array names{"client", "router", "server"};
    return fmt::format("machine-{}", names.at(host));
}

std::uint32_t ThreeHosts::inode(Host host) const
{
    struct stat status{};
    stat(("/run/netns/" + name(host)).c_str(), &status);
    return static_cast<std::uint32_t>(status.st_ino);
}

void ThreeHosts::in(Host host, const std::function<void()> &act) const
{
    const UniqueFd there(open(("/run/netns/" + name(host)).c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(setns(there.get(), CLONE_NEWNET) == 0);
    act();
    REQUIRE(setns(home_.get(), CLONE_NEWNET) == 0);
}

void ThreeHosts::run(Host host, const std::string &command) const
{
    CAPTURE(command);
    REQUIRE(shell(fmt::format("ip netns exec {} sh -ec '{}'", name(host), command)));
}

void ThreeHosts::remove(Host host)
{
    shell("ip netns del " + name(host));
}

} // namespace tcptrace::test
