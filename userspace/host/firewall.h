// SPDX-License-Identifier: Apache-2.0
// Which rule of the machine's firewall dropped a packet. Remembers the counters of each
// namespace, so that it can say which of them rose; reads rules no more often than it must.
//
// It asks about the network namespace that the calling thread is in: the caller has entered
// it. Takes as long as listing the rules does (20,000 take a second or two): not for the
// event path. For one thread at a time.
#pragma once

#include "core/host_facts.h"
#include "host/deadline.h"
#include "host/dropped_packet.h"
#include "host/rule_counters.h"
#include "host/rule_walk.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace tcptrace {

// The namespace the calling thread is in.
struct FirewallPlace {
    std::uint32_t netns = 0;  // inode number
    std::string netns_name{}; // for `ip netns exec`; empty: the user is in it, or it has none
};

struct FirewallAnswer {
    std::optional<FirewallRule> rule{};
    std::string missing{}; // why rules are not known, in one sentence; empty: they are
};

class Firewall {
public:
    Firewall();

    // Takes down the counters. Best done before anything is dropped; costs a listing.
    void note(const FirewallPlace &place, Deadline deadline);
    [[nodiscard]] FirewallAnswer rule_for(const FirewallPlace &place, DroppedPacket packet,
                                          Deadline deadline);

private:
    struct Counted {
        std::uint64_t read_ns = 0; // when the listing was there
        RuleCounters counters{};
    };
    struct Reading {
        std::uint32_t netns = 0;
        std::uint64_t began_ns = 0;
        Ruleset rules{};
    };

    void read(std::uint32_t netns, Deadline deadline);
    void spend(std::uint32_t netns, Deadline deadline); // reads for a question
    [[nodiscard]] bool may_read();
    [[nodiscard]] const RuleCounters *before(std::uint32_t netns, std::uint64_t died_ns) const;

    bool nftables_frees_itself_ = false;
    std::int64_t credit_ns_ = 0; // of time to spend on reading
    std::uint64_t credited_ns_ = 0;
    std::optional<Reading> last_{};
    std::map<std::uint32_t, std::deque<Counted>> past_{};
};

// How the rule is shown and listed; asks nft for the text of one of its own.
[[nodiscard]] FirewallRule describe(const FirewallPlace &place, const DropPoint &point,
                                    Deadline deadline);

} // namespace tcptrace
