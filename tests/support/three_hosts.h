// SPDX-License-Identifier: Apache-2.0
// A client, a router and a server, each a network namespace with a name, IPv4 and IPv6,
// joined by veth: 10.63.1.0/24 and 10.63.2.0/24, fd63:1::/64 and fd63:2::/64. All of it is
// gone afterwards. The calling thread is in none of them but inside `in()`.
#pragma once

#include "core/unique_fd.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace tcptrace::test {

enum Host : std::size_t { client, router, server };

class ThreeHosts {
public:
    ThreeHosts(); // skips the test where namespaces cannot be made
    ThreeHosts(const ThreeHosts &) = delete;
    ThreeHosts &operator=(const ThreeHosts &) = delete;
    ~ThreeHosts();

    [[nodiscard]] std::string name(Host host) const;
    [[nodiscard]] std::uint32_t inode(Host host) const;
    void in(Host host, const std::function<void()> &act) const;
    void run(Host host, const std::string &command) const; // of the shell; must succeed
    void remove(Host host);

    static constexpr const char *client_v4 = "10.63.1.2";
    static constexpr const char *server_v4 = "10.63.2.2";
    static constexpr const char *client_v6 = "fd63:1::2";
    static constexpr const char *server_v6 = "fd63:2::2";

private:
    UniqueFd only_one_; // of their addresses on this machine: held locked
    UniqueFd home_;
};

} // namespace tcptrace::test
