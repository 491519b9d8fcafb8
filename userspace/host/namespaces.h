// SPDX-License-Identifier: Apache-2.0
// The network namespaces of this machine, pods' too: those that `ip netns` and Docker name
// and those of processes. Finds them and enters one for as long as something is asked in it.
//
// Nothing is held open between two visits, and a visit ends where it began: a descriptor,
// a socket or a thread left behind would keep a deleted pod's namespace and its veth alive.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"
#include "host/deadline.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

struct Namespace {
    std::uint32_t inode = 0;
    std::string name;               // of `ip netns`; empty: none
    std::vector<std::string> paths; // that led to it, a few; they may lead elsewhere by now
};

// A process and the network namespace it is in.
struct Inhabitant {
    std::uint32_t pid = 0;
    std::uint32_t netns = 0;
};

// The calling thread is in a namespace while this lives, and goes home with it.
class Visit {
public:
    Visit() = default; // at home already
    explicit Visit(int home) : home_(home) {}
    Visit(Visit &&other) noexcept : home_(std::exchange(other.home_, -1)) {}
    Visit(const Visit &) = delete;
    Visit &operator=(const Visit &) = delete;
    Visit &operator=(Visit &&) = delete;
    ~Visit();

private:
    int home_ = -1; // borrowed of Namespaces
};

class Namespaces {
public:
    // Home is where the calling thread is.
    [[nodiscard]] static Result<Namespaces> open();

    // Looks again. Cut short by the deadline, it keeps what it knew of before.
    void refresh(Deadline deadline);

    // For one thread at a time, which must be at home. Empty: it is gone, or we have no right.
    [[nodiscard]] std::optional<Visit> enter(std::uint32_t inode) const;

    [[nodiscard]] const std::vector<Namespace> &all() const { return all_; }
    [[nodiscard]] const Namespace *find(std::uint32_t inode) const; // null: not known
    [[nodiscard]] const std::vector<Inhabitant> &inhabitants() const { return inhabitants_; }
    [[nodiscard]] std::uint32_t home() const { return home_inode_; }
    [[nodiscard]] bool may_leave_home() const { return may_leave_home_; } // CAP_SYS_ADMIN
    // The last look was at all of the machine: neither cut short nor over a bound.
    [[nodiscard]] bool complete() const { return complete_; }

private:
    Namespaces(UniqueFd home, std::uint32_t inode, bool may_leave);
    struct Look;

    UniqueFd home_;
    std::uint32_t home_inode_ = 0;
    bool may_leave_home_ = false;
    bool complete_ = false;
    std::vector<Namespace> all_;
    std::vector<Inhabitant> inhabitants_;
};

} // namespace tcptrace
