// SPDX-License-Identifier: Apache-2.0
#include "host/namespaces.h"

#include "host/names.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <unordered_map>

namespace tcptrace {

namespace {

constexpr std::size_t most_namespaces = 4096;
constexpr std::size_t most_processes = 65536;
constexpr std::size_t most_paths = 4; // to one namespace: a process may end

constexpr const char *here = "/proc/thread-self/ns/net";
constexpr const char *of_ip_netns = "/run/netns";
constexpr const char *of_docker = "/run/docker/netns";

std::uint32_t inode_of(int fd)
{
    struct stat status{};
    return fstat(fd, &status) == 0 ? static_cast<std::uint32_t>(status.st_ino) : 0;
}

template <typename Number>
std::optional<Number> number(std::string_view text)
{
    Number value{};
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

// To be where we are already changes nothing: only the right to go is asked for.
bool may_enter(const UniqueFd &home)
{
    return setns(home.get(), CLONE_NEWNET) == 0;
}

// A process' link reads "net:[4026531840]"; reading it is cheaper than following it.
std::optional<std::uint32_t> inode_of_link(const std::string &path)
{
    constexpr std::string_view before = "net:[";
    std::array<char, 32> text{};
    const ssize_t length = readlink(path.c_str(), text.data(), text.size());
    if (length <= 0 || static_cast<std::size_t>(length) == text.size())
        return std::nullopt;

    std::string_view link(text.data(), static_cast<std::size_t>(length));
    if (!link.starts_with(before) || !link.ends_with(']'))
        return std::nullopt;
    link.remove_prefix(before.size());
    link.remove_suffix(1);
    return number<std::uint32_t>(link);
}

} // namespace

Visit::~Visit()
{
    // Cannot fail: we may leave home, so we may return, and home is held open.
    if (home_ >= 0)
        setns(home_, CLONE_NEWNET);
}

// What one look has found so far.
struct Namespaces::Look {
    std::vector<Namespace> found{};
    std::unordered_map<std::uint32_t, std::size_t> index{};
    std::vector<Inhabitant> inhabitants{};
    bool complete = true;

    void add(std::uint32_t inode, std::string path = {}, std::string name = {})
    {
        const auto [place, is_new] = index.try_emplace(inode, found.size());
        if (is_new && found.size() == most_namespaces) {
            index.erase(place);
            complete = false;
            return;
        }
        if (is_new)
            found.push_back({.inode = inode, .name = {}, .paths = {}});
        Namespace &one = found[place->second];
        if (one.name.empty())
            one.name = std::move(name);
        if (!path.empty() && one.paths.size() < most_paths)
            one.paths.push_back(std::move(path));
    }

    void mounted(const char *folder, bool named, Deadline deadline)
    {
        std::error_code error;
        for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            struct stat status{};
            const std::string &path = entry->path().native();
            if (passed(deadline)) {
                complete = false;
                return;
            }
            if (stat(path.c_str(), &status) == 0)
                add(static_cast<std::uint32_t>(status.st_ino), path,
                    named ? without_controls(entry->path().filename()) : std::string());
        }
    }

    void of_processes(Deadline deadline)
    {
        std::error_code error;
        for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
             entry.increment(error)) {
            const auto pid = number<std::uint32_t>(entry->path().filename().native());
            if (!pid)
                continue;
            if (passed(deadline) || inhabitants.size() == most_processes) {
                complete = false;
                return;
            }
            std::string path = fmt::format("/proc/{}/ns/net", *pid);
            if (const auto inode = inode_of_link(path)) {
                inhabitants.push_back({.pid = *pid, .netns = *inode});
                add(*inode, std::move(path));
            }
        }
    }
};

Namespaces::Namespaces(UniqueFd home, std::uint32_t inode, bool may_leave)
    : home_(std::move(home)), home_inode_(inode), may_leave_home_(may_leave),
      all_{{.inode = inode, .name = {}, .paths = {}}}
{
}

Result<Namespaces> Namespaces::open()
{
    UniqueFd home(::open(here, O_RDONLY | O_CLOEXEC));
    if (!home)
        return fail(Status::CannotRun, fmt::format("cannot open {}: {}", here, strerror(errno)));
    const std::uint32_t inode = inode_of(home.get());
    const bool may_leave = may_enter(home);
    return Namespaces(std::move(home), inode, may_leave);
}

void Namespaces::refresh(Deadline deadline)
{
    Look look;
    look.add(home_inode_);
    look.mounted(of_ip_netns, true, deadline);
    look.mounted(of_docker, false, deadline);
    look.of_processes(deadline);

    if (!look.complete) {
        for (Namespace &known : all_) {
            if (!look.index.contains(known.inode) && look.found.size() < most_namespaces)
                look.found.push_back(std::move(known));
        }
    }
    complete_ = look.complete;
    may_leave_home_ = may_enter(home_); // -Z may have taken it away
    all_ = std::move(look.found);
    if (look.complete || look.inhabitants.size() > inhabitants_.size())
        inhabitants_ = std::move(look.inhabitants);
}

const Namespace *Namespaces::find(std::uint32_t inode) const
{
    const auto place = std::ranges::find(all_, inode, &Namespace::inode);
    return place == all_.end() ? nullptr : &*place;
}

std::optional<Visit> Namespaces::enter(std::uint32_t inode) const
{
    if (inode == home_inode_)
        return Visit();
    const Namespace *wanted = may_leave_home_ ? find(inode) : nullptr;
    if (!wanted)
        return std::nullopt;
    for (const std::string &path : wanted->paths) {
        // A name or a pid may have been given to another by now: what was opened decides.
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (fd && inode_of(fd.get()) == inode && setns(fd.get(), CLONE_NEWNET) == 0)
            return Visit(home_.get());
    }
    return std::nullopt;
}

} // namespace tcptrace
