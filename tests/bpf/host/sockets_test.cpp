// SPDX-License-Identifier: Apache-2.0
// What a machine says of sockets: real ones, in namespaces of the test, asked for from
// outside as tcptrace does.
#include "support/asked_machine.h"

#include <tcptrace/stack.h>

#include <catch2/catch_test_macros.hpp>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

Connection v4(std::uint16_t from, std::uint16_t to)
{
    return {endpoint(ThreeHosts::client_v4, from), endpoint(ThreeHosts::server_v4, to)};
}

Connection v6(std::uint16_t from, std::uint16_t to)
{
    return {endpoint(ThreeHosts::client_v6, from), endpoint(ThreeHosts::server_v6, to)};
}

// Processes that wait until they are let go.
class Holder {
public:
    explicit Holder(UniqueFd socket)
    {
        std::array<int, 2> ends{};
        REQUIRE(pipe(ends.data()) == 0);
        pid_ = fork();
        if (pid_ == 0) {
            char byte = 0;
            ::close(ends[1]);
            const ssize_t ignored = read(ends[0], &byte, 1);
            _exit(ignored == 0 ? 0 : 1);
        }
        ::close(ends[0]);
        let_go_ = UniqueFd(ends[1]);
        // The parent's copy of the socket is closed here: the child has it alone.
        UniqueFd closed = std::move(socket);
    }
    ~Holder()
    {
        let_go_ = UniqueFd();
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Holder(const Holder &) = delete;
    Holder &operator=(const Holder &) = delete;
    [[nodiscard]] std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

private:
    pid_t pid_ = -1;
    UniqueFd let_go_{};
};

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// What a process without any right finds: bits of what is wrong with it.
int faults_without_rights(const Connection &connection, std::uint32_t home)
{
    constexpr uid_t nobody = 65534;
    if (setresgid(nobody, nobody, nobody) != 0 || setresuid(nobody, nobody, nobody) != 0)
        return 64;
    Machine machine = Machine::open().value();
    machine.begin(second, no_deadline);
    Question question{.connection = connection};
    const bool says_so = machine.notes().size() == 1;
    const HostFacts foreign = machine.look(question, 2 * second, no_deadline);
    const bool claims = foreign.ends[0] || foreign.ends[1];

    question.connection = {endpoint("127.0.0.1", 50000), endpoint("127.0.0.1", 1)};
    const HostFacts loopback = machine.look(question, 3 * second, no_deadline);
    question.netns[0] = home;
    const HostFacts told = machine.look(question, 4 * second, no_deadline);
    const bool answers = told.ends[1] && told.ends[1]->listeners_known && told.ends[1]->counters;
    return (says_so ? 0 : 1) | (claims ? 2 : 0) | (loopback.ends[1] ? 4 : 0) | (answers ? 0 : 8);
}

} // namespace

TEST_CASE("nobody listens")
{
    AskedMachine lab;
    const HostFacts facts = lab.look(v4(50000, 8080));
    REQUIRE(facts.ends[0]);
    REQUIRE(facts.ends[1]);
    CHECK(facts.ends[0]->netns == lab.hosts.inode(client));
    CHECK(facts.ends[0]->netns_name == lab.hosts.name(client));
    CHECK(facts.ends[1]->netns == lab.hosts.inode(server));
    CHECK(facts.ends[1]->listeners_known);
    CHECK(facts.ends[1]->listeners.empty());
    CHECK_FALSE(facts.ends[0]->socket);
    CHECK_FALSE(facts.ends[1]->socket);
    CHECK_FALSE(facts.ends[1]->known_as);
}

TEST_CASE("listening elsewhere: on 127.0.0.1, on IPv6 only, on another port")
{
    AskedMachine lab;
    const UniqueFd loopback = lab.listening(endpoint("127.0.0.1", 8080));
    const UniqueFd only_ipv6 = lab.listening(endpoint("::", 8081), 8, true);

    const HostFacts on_loopback = lab.look(v4(50000, 8080));
    REQUIRE(on_loopback.ends[1]->listeners.size() == 1);
    CHECK(on_loopback.ends[1]->listeners[0].bound == endpoint("127.0.0.1", 8080));
    CHECK_FALSE(on_loopback.ends[1]->listeners[0].any_address);
    CHECK_FALSE(on_loopback.ends[1]->listeners[0].takes_it);

    const HostFacts on_ipv6 = lab.look(v4(50000, 8081));
    REQUIRE(on_ipv6.ends[1]->listeners.size() == 1);
    CHECK(on_ipv6.ends[1]->listeners[0].any_address);
    CHECK_FALSE(on_ipv6.ends[1]->listeners[0].takes_it);
    CHECK(lab.look(v6(50000, 8081)).ends[1]->listeners.at(0).takes_it);

    CHECK(lab.look(v4(50000, 8082)).ends[1]->listeners.empty());
}

TEST_CASE("an IPv6 listener on any address takes IPv4, too; its process is named")
{
    AskedMachine lab;
    const Holder holder(lab.listening(endpoint("::", 8080), 7));

    for (const Connection &connection : {v4(50000, 8080), v6(50000, 8080)}) {
        const HostFacts facts = lab.look(connection);
        REQUIRE(facts.ends[1]->listeners.size() == 1);
        const ListenerFact &listener = facts.ends[1]->listeners[0];
        CHECK(listener.takes_it);
        CHECK(listener.backlog == 7);
        CHECK(listener.queued == 0);
        REQUIRE(listener.owner);
        CHECK(listener.owner->pid == holder.pid());
        CHECK_FALSE(listener.owner->name.empty());
    }
}

TEST_CASE("a process that the kernel named is told of, a dead one is not")
{
    AskedMachine lab;
    const Connection connection = v4(50000, 8080);
    CHECK_FALSE(lab.look(connection).process);
    Question question;
    {
        const Holder holder{UniqueFd()};
        question.pid = holder.pid();
        const HostFacts facts = lab.look(connection, question);
        REQUIRE(facts.process);
        CHECK(facts.process->pid == holder.pid());
        CHECK_FALSE(facts.process->name.empty());
    }
    CHECK_FALSE(lab.look(connection, question).process);
}

TEST_CASE("a full accept queue")
{
    AskedMachine lab;
    const UniqueFd listener = lab.listening(endpoint("0.0.0.0", 8080), 1);
    std::vector<UniqueFd> clients;
    for (std::uint16_t port = 50001; port <= 50002; port++) {
        clients.push_back(lab.connecting(v4(port, 8080)));
        REQUIRE(is_connected(clients.back()));
    }
    clients.push_back(lab.connecting(v4(50003, 8080)));

    const HostFacts facts = lab.look(v4(50003, 8080));
    REQUIRE(facts.ends[1]->listeners.size() == 1);
    CHECK(facts.ends[1]->listeners[0].queued == 2);
    CHECK(facts.ends[1]->listeners[0].backlog == 1);
    REQUIRE(facts.ends[0]->socket);
    CHECK(facts.ends[0]->socket->state == TT_SOCKET_SYN_SENT);
    CHECK_FALSE(facts.ends[1]->socket); // no listener is taken for a connection
    REQUIRE(facts.ends[1]->counters);
    CHECK(facts.ends[1]->counters->listen_overflows >= 1);
    CHECK(facts.ends[0]->counters->listen_overflows == 0);

    // Not accepted yet: the connection is there, and nobody's.
    const HostFacts waiting = lab.look(v4(50001, 8080));
    REQUIRE(waiting.ends[1]->socket);
    CHECK(waiting.ends[1]->socket->state == TT_SOCKET_ESTABLISHED);
    CHECK_FALSE(waiting.ends[1]->socket->owner);
}

TEST_CASE("a reader that sleeps: its queue, and whose it is")
{
    AskedMachine lab;
    for (const Connection &connection : {v4(50000, 8080), v6(50000, 8081)}) {
        const UniqueFd listener = lab.listening(connection.responder);
        const UniqueFd writer = lab.connecting(connection);
        REQUIRE(is_connected(writer));
        UniqueFd reader(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        REQUIRE(reader);
        const std::array<char, 5000> data{};
        REQUIRE(send(writer.get(), data.data(), data.size(), 0) == ssize_t{data.size()});
        std::array<char, 5000> peeked{};
        REQUIRE(recv(reader.get(), peeked.data(), peeked.size(), MSG_PEEK | MSG_WAITALL) ==
                ssize_t{peeked.size()});
        const Holder sleeper(std::move(reader));

        const HostFacts facts = lab.look(connection);
        REQUIRE(facts.ends[1]->socket);
        CHECK(facts.ends[1]->socket->state == TT_SOCKET_ESTABLISHED);
        CHECK(facts.ends[1]->socket->receive_queue == data.size());
        REQUIRE(facts.ends[1]->socket->owner);
        CHECK(facts.ends[1]->socket->owner->pid == sleeper.pid());
        REQUIRE(facts.ends[0]->socket);
        CHECK(facts.ends[0]->socket->receive_queue == 0);
        REQUIRE(facts.ends[0]->socket->owner);
    }
}

TEST_CASE("counters are differences: of what was counted before tcptrace began nothing is told")
{
    ThreeHosts hosts;
    const Connection connection = v4(50000, 8080);
    const auto refused = [&] {
        hosts.in(client, [&] {
            const UniqueFd fd = connect_from(connection.initiator, connection.responder);
            CHECK_FALSE(is_connected(fd));
        });
    };
    refused();
    Machine machine = Machine::open().value();
    machine.begin(second, no_deadline);
    const Question question{.connection = connection};

    const HostFacts before = machine.look(question, 2 * second, no_deadline);
    CHECK(before.ends[1]->counters == StackCounters{});
    CHECK(before.ends[0]->counters == StackCounters{});
    refused();
    refused();
    const HostFacts after = machine.look(question, 3 * second, no_deadline);
    CHECK(after.ends[1]->counters == StackCounters{.resets_out = 2});
    CHECK(after.ends[0]->counters == StackCounters{.attempts_failed = 2});
}

TEST_CASE("a namespace that came after tcptrace began has counted nothing before")
{
    Machine machine = Machine::open().value();
    machine.begin(second, no_deadline);
    ThreeHosts hosts;
    const Connection connection = v4(50000, 8080);
    hosts.in(client, [&] {
        const UniqueFd fd = connect_from(connection.initiator, connection.responder);
        CHECK_FALSE(is_connected(fd));
    });
    const HostFacts facts = machine.look({.connection = connection}, 10 * second, no_deadline);
    REQUIRE(facts.ends[1]);
    CHECK(facts.ends[1]->counters == StackCounters{.resets_out = 1});
}

TEST_CASE("what several namespaces have is nobody's, unless the kernel's records tell")
{
    AskedMachine lab;
    lab.hosts.run(client, "ip addr add 10.63.9.1/32 dev lo");
    lab.hosts.run(server, "ip addr add 10.63.9.1/32 dev lo");
    const UniqueFd listener = lab.listening(endpoint("0.0.0.0", 8080));

    for (const char *address : {"10.63.9.1", "127.0.0.1"}) {
        CAPTURE(address);
        const Connection connection{endpoint(address, 50000), endpoint(address, 8080)};
        CHECK_FALSE(lab.look(connection).ends[1]);

        Question told;
        told.netns[0] = lab.hosts.inode(server); // an address to itself: both ends are there
        const HostFacts facts = lab.look(connection, told);
        REQUIRE(facts.ends[1]);
        CHECK(facts.ends[1]->netns == lab.hosts.inode(server));
        CHECK(facts.ends[1]->listeners.size() == 1);
    }
}

TEST_CASE("an address of nobody here")
{
    AskedMachine lab;
    const HostFacts facts =
        lab.look({endpoint("10.63.77.1", 50000), endpoint(ThreeHosts::server_v4, 8080)});
    CHECK_FALSE(facts.ends[0]);
    CHECK(facts.ends[1]);
    CHECK(facts.between.empty());
}

TEST_CASE("nothing is held: no descriptor, no namespace, and the thread is at home")
{
    AskedMachine lab;
    const auto home = std::filesystem::read_symlink("/proc/thread-self/ns/net");
    const std::size_t before = open_descriptors();
    const Connection connection = v4(50000, 8080);
    REQUIRE(lab.look(connection).ends[1]);
    CHECK(open_descriptors() == before);
    CHECK(std::filesystem::read_symlink("/proc/thread-self/ns/net") == home);

    // So that a namespace that is removed is gone, with its end of the veth.
    lab.hosts.remove(server);
    CHECK_FALSE(lab.look(connection).ends[1]);
    CHECK(lab.look(connection).ends[0]);
}

TEST_CASE("without time nothing is known, and nothing is claimed")
{
    AskedMachine lab;
    const UniqueFd listener = lab.listening(endpoint("0.0.0.0", 8080));
    const Question question{.connection = v4(50000, 8080)};
    const HostFacts facts = lab.machine.look(question, 60 * second, Deadline::min());
    REQUIRE(facts.ends[1]); // known since the beginning
    CHECK_FALSE(facts.ends[1]->listeners_known);
    CHECK_FALSE(facts.ends[1]->route);
    CHECK_FALSE(facts.ends[1]->conntrack);
}

TEST_CASE("without rights only home is asked, and that is said")
{
    AskedMachine lab; // whose namespaces can be seen in /run/netns, but not entered
    const std::uint32_t home = lab.machine.namespaces().home();
    const pid_t child = fork();
    if (child == 0)
        _exit(faults_without_rights(v4(50000, 8080), home));
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}
