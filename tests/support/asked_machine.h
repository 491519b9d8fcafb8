// SPDX-License-Identifier: Apache-2.0
// Three hosts, and this machine asked about their connections from outside, as tcptrace does.
#pragma once

#include "support/tcp_sockets.h"
#include "support/three_hosts.h"

#include "host/machine.h"

#include <cstdint>

namespace tcptrace::test {

constexpr Deadline no_deadline = Deadline::max();
constexpr std::uint64_t second = 1'000'000'000;

struct AskedMachine {
    ThreeHosts hosts{};
    Machine machine = Machine::open().value();
    std::uint64_t now = second;

    AskedMachine() { machine.begin(now, no_deadline); }

    HostFacts look(const Connection &connection, Question question = {})
    {
        now += 10 * second; // nothing is answered from before
        question.connection = connection;
        return machine.look(question, now, no_deadline);
    }
    UniqueFd listening(const Endpoint &local, int backlog = 8, bool only_ipv6 = false) const
    {
        UniqueFd fd;
        hosts.in(server, [&] { fd = listen_on(local, backlog, only_ipv6); });
        return fd;
    }
    UniqueFd connecting(const Connection &connection) const
    {
        UniqueFd fd;
        hosts.in(client, [&] { fd = connect_from(connection.initiator, connection.responder); });
        return fd;
    }
};

} // namespace tcptrace::test
