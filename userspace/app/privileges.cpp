// SPDX-License-Identifier: Apache-2.0
#include "app/privileges.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <vector>

namespace tcptrace {

namespace {

// Since Linux 5.8; <linux/capability.h> of older machines does not have them.
constexpr unsigned capability_perfmon = 38;
constexpr unsigned capability_bpf = 39;
// Before 5.19 bpf(2) asks for CAP_BPF also of who has the maps already (where
// kernel.unprivileged_bpf_disabled is set); the sweep for unanswered SYNs is a program that
// is run; attaching to an interface that comes is a matter of network administration.
constexpr std::array kept_for_bpf{unsigned{CAP_NET_ADMIN}, capability_perfmon, capability_bpf};

std::unexpected<Error> failed(const std::string &user, std::string_view what)
{
    return fail(Status::CannotRun, fmt::format("cannot become {}: {}: {}", user, what,
                                               std::generic_category().message(errno)));
}

// glibc has no capset(): it is the kernel's, of the calling thread, which is the only one here.
bool set_capabilities(std::uint64_t kept)
{
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
    for (std::size_t i = 0; i < data.size(); i++) {
        const auto part = static_cast<std::uint32_t>(kept >> (32 * i));
        data[i] = {.effective = part, .permitted = part, .inheritable = 0};
    }
    return ::syscall(SYS_capset, &header, data.data()) == 0;
}

} // namespace

Result<User> User::find(const std::string &name)
{
    constexpr std::size_t entry_bytes = 16384; // sysconf(_SC_GETPW_R_SIZE_MAX) may not know
    std::vector<char> buffer(entry_bytes);
    passwd entry{};
    passwd *found = nullptr;

    if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
        return fail(Status::Usage, fmt::format("-Z: there is no user \"{}\"", name));
    return User(name, entry.pw_uid, entry.pw_gid);
}

Result<void> User::become(Keep keep) const
{
    std::uint64_t kept = 0;

    if (geteuid() != 0)
        return {};
    if (keep == Keep::Bpf) {
        for (const unsigned capability : kept_for_bpf)
            kept |= 1ULL << capability;
    }
    if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
        return failed(name_, "capabilities");
    if (::initgroups(name_.c_str(), gid_) != 0 || ::setresgid(gid_, gid_, gid_) != 0)
        return failed(name_, "groups");
    if (::setresuid(uid_, uid_, uid_) != 0)
        return failed(name_, "user");
    if (!set_capabilities(kept))
        return failed(name_, "capabilities");
    return {};
}

} // namespace tcptrace
