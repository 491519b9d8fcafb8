// SPDX-License-Identifier: Apache-2.0
// Which process holds a socket, by its inode among the descriptors in /proc. The kernel
// keeps no index of that, so the search goes where it is likely to end soon: where it ended
// lately, then the processes of the socket's network namespace, then the others.
#pragma once

#include "core/host_facts.h"
#include "host/deadline.h"
#include "host/namespaces.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tcptrace {

class ProcessFinder {
public:
    // Empty: not found by the deadline; nothing then says that no process has it.
    [[nodiscard]] std::optional<ProcessName> holder(std::uint32_t inode, std::uint32_t netns,
                                                    const std::vector<Inhabitant> &inhabitants,
                                                    Deadline deadline);

private:
    struct Place {
        std::uint32_t pid = 0;
        std::uint32_t descriptor = 0;
    };
    [[nodiscard]] std::optional<Place> search(std::uint32_t inode, std::uint32_t netns,
                                              const std::vector<Inhabitant> &inhabitants,
                                              Deadline deadline) const;
    [[nodiscard]] static std::optional<Place> search(std::uint32_t inode, std::uint32_t pid,
                                                     Deadline deadline);
    void remember(std::uint32_t inode, Place place);

    std::unordered_map<std::uint32_t, Place> known_;
    std::deque<std::uint32_t> lately_; // pids, the latest first
};

} // namespace tcptrace
