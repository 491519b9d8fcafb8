// SPDX-License-Identifier: Apache-2.0
// Who sent a reset and why, told by real processes that are killed, exit, abort or vanish;
// and that those which end well are not told of.
#include "support/stack.h"

#include <tcptrace/stack.h>

#include <catch2/catch_test_macros.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr Where loopback{"IPv4", AF_INET, "127.0.0.1", TT_IPV4};
constexpr std::string_view victim_name = "tt-victim";

// A connection on the loopback device, both ends held by this process at first.
struct Pair {
    UniqueFd listener;
    UniqueFd client;
    UniqueFd server;

    explicit Pair(std::uint16_t port) : listener(listen_on(loopback, port))
    {
        int result = 0;
        client = connect_to(loopback, port, result);
        REQUIRE(result == 0);
        server = UniqueFd(accept(listener.get(), nullptr, nullptr));
        REQUIRE(server.get() >= 0);
    }
};

void say(const UniqueFd &socket)
{
    REQUIRE(send(socket.get(), "hello", 5, MSG_NOSIGNAL) == 5);
    poll(nullptr, 0, 20);
}

void hear(const UniqueFd &socket)
{
    char bytes[5];
    REQUIRE(recv(socket.get(), bytes, sizeof bytes, MSG_WAITALL) == 5);
}

// A process that alone holds pair.server once this returns, and then does `life`.
pid_t hand_over(Pair &pair, const std::function<void()> &life)
{
    int ready[2];
    REQUIRE(pipe(ready) == 0);
    const pid_t child = fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        for (const int signal : {SIGSEGV, SIGTERM}) // the sanitizer and Catch2 catch them
            std::signal(signal, SIG_DFL);
        prctl(PR_SET_NAME, victim_name.data());
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(pair.listener.release());
        close(pair.client.release());
        if (write(ready[1], "x", 1) == 1)
            life();
        for (;;)
            pause();
    }
    REQUIRE(child > 0);
    char byte = 0;
    REQUIRE(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    close(ready[1]);
    pair.server = UniqueFd();
    return child;
}

void await_end(pid_t child)
{
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
}

void check_process(const tt_record &record, pid_t pid, std::string_view name)
{
    CHECK(record.stack.pid == static_cast<tt_u32>(pid));
    CHECK(std::string(record.stack.process) == name);
}

void check_nobody(const tt_record &record)
{
    CHECK(record.stack.pid == 0);
    CHECK(record.stack.exiting == 0);
    CHECK(record.stack.process[0] == 0);
}

// Its main thread has gone, its others have not.
void live_on_in_a_thread()
{
    std::thread([] {
        for (;;)
            pause();
    }).detach();
    syscall(SYS_exit, 0);
}

void exit_from_a_thread()
{
    std::thread([] { syscall(SYS_exit_group, 3); }).detach();
    for (;;)
        pause();
}

} // namespace

TEST_CASE("a process that ends with unread data: which, and by what")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    struct Row {
        const char *name;
        std::function<void()> life;
        int kill; // the test's signal; 0: it ends by itself
        int signal;
    };
    const auto idle = [] {};
    const Row rows[]{
        {"SIGKILL", idle, SIGKILL, SIGKILL},
        {"SIGTERM without a handler", idle, SIGTERM, SIGTERM},
        {"SIGSEGV", [] { poll(nullptr, 0, 60), std::raise(SIGSEGV); }, 0, SIGSEGV},
        {"exit", [] { poll(nullptr, 0, 60), _exit(3); }, 0, 0},
        {"exit from a thread", [] { poll(nullptr, 0, 60), exit_from_a_thread(); }, 0, 0},
        {"killed when only a thread was left", live_on_in_a_thread, SIGKILL, SIGKILL},
    };
    Stack stack;
    for (const Row &row : rows) {
        INFO(row.name);
        stack.all.clear();
        Pair pair(4720);
        const pid_t child = hand_over(pair, row.life);
        say(pair.client);
        if (row.kill)
            kill(child, row.kill);
        await_end(child);

        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        CHECK(sent->stack.why == TT_RESET_UNREAD_DATA);
        CHECK(sent->finding.stage == TT_STAGE_DATA);
        CHECK(sent->stack.exiting == 1);
        CHECK(sent->stack.signal == row.signal);
        check_process(*sent, child, victim_name);
        CHECK((sent->stack.died_ns != 0) == (row.signal != 0));
        CHECK(sent->stack.died_ns <= sent->time_ns);
    }
}

TEST_CASE("a process that was killed with all data read: the reset that comes after its FIN")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    for (const bool killed : {true, false}) {
        INFO((killed ? "killed" : "exits"));
        stack.all.clear();
        Pair pair(4721);
        say(pair.client);
        hear(pair.server);
        const pid_t child = hand_over(pair, [&] {
            if (!killed)
                _exit(0);
        });
        if (killed)
            kill(child, SIGKILL);
        await_end(child);
        CHECK_FALSE(stack.await(TT_HOOK_SEND_RESET, 40));
        say(pair.client);

        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        CHECK(sent->finding.stage == TT_STAGE_CLOSING);
        CHECK(sent->stack.why == TT_RESET_AFTER_CLOSE);
        CHECK(sent->stack.signal == (killed ? SIGKILL : 0));
        if (killed)
            check_process(*sent, child, victim_name);
        else
            check_nobody(*sent);
    }
}

TEST_CASE("a living process that resets: what it did")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    char own_name[TT_PROCESS_NAME_MAX]{};
    prctl(PR_GET_NAME, own_name);
    Stack stack;

    SECTION("it closes with unread data")
    {
        Pair pair(4722);
        say(pair.client);
        pair.server = UniqueFd();
        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        CHECK(sent->stack.why == TT_RESET_UNREAD_DATA);
        CHECK(sent->stack.exiting == 0);
        check_process(*sent, getpid(), own_name);
    }
    SECTION("it aborts by SO_LINGER 0")
    {
        Pair pair(4723);
        say(pair.client);
        hear(pair.server);
        abort_on_close(pair.server);
        pair.server = UniqueFd();
        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        CHECK(sent->stack.why == TT_RESET_ABORTED);
        CHECK(sent->stack.exiting == 0);
        check_process(*sent, getpid(), own_name);
    }
    SECTION("it closes the listening socket before accept()")
    {
        int result = 0;
        UniqueFd listener = listen_on(loopback, 4724);
        const UniqueFd client = connect_to(loopback, 4724, result);
        REQUIRE(result == 0);
        poll(nullptr, 0, 20);
        listener = UniqueFd();
        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        CHECK(sent->stack.why == TT_RESET_NOT_ACCEPTED);
        check_process(*sent, getpid(), own_name);
    }
}

TEST_CASE("resets that no process asked for")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    const int on = 1;

    SECTION("keep-alive probes without an answer")
    {
        const int once = 1;
        Pair pair(4725);
        setsockopt(pair.client.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
        for (const int option : {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT})
            setsockopt(pair.client.get(), IPPROTO_TCP, option, &once, sizeof once);
        if (!stack.netns.run("nft add table inet tt && nft add chain inet tt in "
                             "'{ type filter hook input priority 0; }' && "
                             "nft add rule inet tt in tcp dport 4725 drop"))
            SKIP("cannot drop packets with nft");
        const auto sent = stack.await(TT_HOOK_SEND_RESET, 5000);
        REQUIRE(sent);
        if (stack.kernel.passes_reset_reason())
            CHECK(sent->stack.why == TT_RESET_KEEPALIVE);
        check_nobody(*sent);
    }
    SECTION("the peer does not know the connection any more")
    {
        if (!stack.kernel.passes_reset_reason())
            SKIP("this kernel is silent about resets without a socket");
        Pair pair(4726); // its port is still listened on
        // Closed in repair mode a socket vanishes without a word, as in a crash of its host.
        REQUIRE(setsockopt(pair.server.get(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) == 0);
        pair.server = UniqueFd();
        say(pair.client);
        const auto sent = stack.await(TT_HOOK_SEND_RESET);
        REQUIRE(sent);
        CHECK(sent->stack.why == TT_RESET_NO_SOCKET);
        check_nobody(*sent);
    }
}

TEST_CASE("connections that end well say nothing of who ended them")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Stack stack;
    for (const int exit_first : {1, 0}) {
        Pair pair(4727);
        say(pair.client);
        hear(pair.server);
        if (exit_first) {
            const pid_t child = hand_over(pair, [] { _exit(0); });
            await_end(child);
        }
        pair.server = UniqueFd();
        pair.client = UniqueFd();
        CHECK_FALSE(stack.await(TT_HOOK_SEND_RESET, 100));
    }
    CHECK(stack.all.empty());
}
