// SPDX-License-Identifier: Apache-2.0
// Which network namespace of this machine has an address. Pods' namespaces may have equal
// addresses, and each has 127.0.0.1: then only the kernel's own word tells which was meant.
#pragma once

#include "core/address.h"
#include "host/deadline.h"
#include "host/namespaces.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tcptrace {

class LocalAddresses {
public:
    // Asks again those namespaces that were asked more than `ttl_ns` ago, the new ones first.
    void refresh(const Namespaces &namespaces, std::uint64_t now_ns, Deadline deadline);

    // The one namespace that has it; empty if none or several have, or some were not asked
    // yet. Namespaces that we have no right to enter are taken to have addresses of their own.
    [[nodiscard]] std::optional<std::uint32_t> owner(const Address &address) const;

private:
    static constexpr std::uint64_t ttl_ns = 3'000'000'000;
    enum class State : std::uint8_t { Unasked, Answered, Closed, Gone };
    struct Asked {
        std::uint32_t netns = 0;
        std::uint64_t at_ns = 0;
        State state = State::Unasked;
        std::vector<Address> addresses{}; // sorted
    };
    void align(const Namespaces &namespaces);

    std::vector<Asked> asked_;
};

} // namespace tcptrace
