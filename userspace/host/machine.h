// SPDX-License-Identifier: Apache-2.0
// What this machine knows of a connection: finds its ends among the network namespaces,
// through a NAT if there is one, and asks there. Reads only; changes nothing.
//
// For one thread, at home in one namespace, and off the event path: an answer takes
// milliseconds, never longer than its deadline by much. Firewall rules are not asked here.
#pragma once

#include "core/host_facts.h"
#include "core/result.h"
#include "host/deadline.h"
#include "host/local_addresses.h"
#include "host/namespace_counts.h"
#include "host/namespaces.h"
#include "host/process_finder.h"
#include "host/question.h"
#include "host/sockets.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tcptrace {

class Machine {
public:
    [[nodiscard]] static Result<Machine> open();

    // Where all counters stand now is where they count from.
    void begin(std::uint64_t now_ns, Deadline deadline);

    // `now_ns` is the clock that answers age by.
    [[nodiscard]] HostFacts look(const Question &question, std::uint64_t now_ns, Deadline deadline);

    [[nodiscard]] const Namespaces &namespaces() const { return namespaces_; }
    [[nodiscard]] std::vector<std::string> notes() const; // sentences on what cannot be asked

private:
    struct AskedListeners {
        std::uint64_t at_ns = 0;
        std::optional<std::vector<Listener>> listeners{};
    };
    explicit Machine(Namespaces namespaces) : namespaces_(std::move(namespaces)) {}

    void keep_up(const Question &question, std::uint64_t now_ns, Deadline deadline);
    [[nodiscard]] EndFacts ask_end(const Located &located, std::size_t end, std::uint64_t now_ns,
                                   Deadline deadline);
    [[nodiscard]] EndFacts ask_between(const Located &located, std::uint32_t netns,
                                       std::uint64_t now_ns, Deadline deadline);
    [[nodiscard]] EndFacts named(std::uint32_t netns) const;
    void ask_counts(EndFacts &facts, std::uint64_t now_ns, Deadline deadline);
    [[nodiscard]] std::optional<std::vector<Listener>>
    listeners(std::uint32_t netns, std::uint16_t port, std::uint64_t now_ns, Deadline deadline);
    void tell_listeners(EndFacts &facts, std::vector<Listener> found, const Address &address,
                        Deadline deadline);

    Namespaces namespaces_;
    LocalAddresses addresses_;
    NamespaceCounts counts_;
    ProcessFinder processes_;
    std::map<std::pair<std::uint32_t, std::uint16_t>, AskedListeners> asked_listeners_;
    std::uint64_t looked_around_ns_ = 0;
};

} // namespace tcptrace
