// SPDX-License-Identifier: Apache-2.0
#include "host/run_program.h"

#include "core/unique_fd.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>

namespace tcptrace {

namespace {

// A listing of 100,000 rules makes nft take less.
constexpr rlim_t memory_max = 2UL << 30;

// A running program, which does not outlive this.
class Child {
public:
    explicit Child(pid_t pid) : pid_(pid) {}
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    ~Child()
    {
        if (pid_ <= 0)
            return;
        kill(pid_, SIGKILL);
        static_cast<void>(wait());
    }

    // Its exit status, or -1 if it did not end by itself.
    [[nodiscard]] int wait()
    {
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR)
            ;
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_;
};

// Our thread may have blocked or ignored signals; the program gets them as it expects.
void ordinary_signals(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// By number, because glibc 2.36 declares pidfd_open() for C only.
UniqueFd end_of(pid_t pid)
{
    return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
}

// Starts it with its output into `out`. 0, or an errno.
int spawn(const std::string &path, const std::vector<std::string> &arguments, int out, pid_t &pid)
{
    std::vector<std::string> words{path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char *> argv;
    for (std::string &word : words)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    std::array<std::string, 2> variables{"LC_ALL=C", "PATH=/usr/sbin:/sbin:/usr/bin:/bin"};
    std::array<char *, 3> environment{variables[0].data(), variables[1].data(), nullptr};

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    ordinary_signals(&attributes);
    const int error =
        posix_spawn(&pid, path.c_str(), &files, &attributes, argv.data(), environment.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return error;
}

int milliseconds_until(Deadline deadline)
{
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000));
}

// Up to the end of what is written, the bound or the deadline: then `why` says which.
std::string read_all(int from, std::size_t bytes_max, Deadline deadline, std::string &why)
{
    std::string text;
    std::array<char, 65536> buffer{};
    pollfd ready{from, POLLIN, 0};
    while (why.empty()) {
        if (passed(deadline) || poll(&ready, 1, milliseconds_until(deadline)) == 0) {
            why = "took too long";
            break;
        }
        const ssize_t got = read(from, buffer.data(), buffer.size());
        if (got == 0)
            break;
        if (got > 0)
            text.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            why = std::strerror(errno);
        if (text.size() > bytes_max)
            why = fmt::format("printed more than {} MiB", bytes_max >> 20);
    }
    return text;
}

} // namespace

std::string program_path(std::string_view name)
{
    for (const char *folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/", "/usr/local/sbin/"}) {
        std::string path = folder;
        path += name;
        if (access(path.c_str(), X_OK) == 0)
            return path;
    }
    return {};
}

Result<std::string> run_program(const std::string &path, const std::vector<std::string> &arguments,
                                std::size_t bytes_max, Deadline deadline)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return fail(Status::CannotRun, fmt::format("{}: {}", path, std::strerror(errno)));
    const UniqueFd out(ends[0]);
    pid_t pid = 0;
    {
        const UniqueFd in(ends[1]);
        if (const int error = spawn(path, arguments, in.get(), pid))
            return fail(Status::CannotRun, fmt::format("{}: {}", path, std::strerror(error)));
    }
    Child child(pid);
    const rlimit memory{memory_max, memory_max};
    prlimit(pid, RLIMIT_AS, &memory, nullptr);
    std::string why;
    std::string text = read_all(out.get(), bytes_max, deadline, why);
    if (!why.empty())
        return fail(Status::CannotRun, fmt::format("{} {}", path, why));
    const UniqueFd end = end_of(pid); // it may close its output and go on
    pollfd ready{end.get(), POLLIN, 0};
    if (end && poll(&ready, 1, milliseconds_until(deadline)) <= 0)
        return fail(Status::CannotRun, fmt::format("{} took too long", path));
    if (const int status = child.wait())
        return fail(Status::CannotRun, fmt::format("{} failed (status {})", path, status));
    return text;
}

} // namespace tcptrace
