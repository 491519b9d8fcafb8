// SPDX-License-Identifier: Apache-2.0
// One fault is one diagnosis: verdicts on single connections are entered here under
// what they share (id, cause, server address and port), counted, and told as one.
#pragma once

#include "core/diagnosis.h"
#include "detect/detector.h"

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace tcptrace {

class Book {
public:
    // Beyond so many different faults (a scan of a thousand ports is as many) new ones
    // are counted only.
    static constexpr std::size_t groups_max = 4096;

    // Enters what `detector` says of the flow now; replaces what it said before, and
    // takes that back if there is nothing left to say.
    void enter(const Flow &flow, const Moment &moment, const Detector &detector,
               const std::optional<Verdict> &verdict);
    // The flow is gone; what was said of it stays.
    void forget(const Flow &flow);
    void note_lost(std::uint64_t records);

    // Those that are new, or whose count grew tenfold since they were last told.
    [[nodiscard]] std::vector<Diagnosis> take_due();
    // All, worst first: by severity, then by the number of connections.
    [[nodiscard]] std::vector<Diagnosis> all() const;
    [[nodiscard]] std::uint64_t untold() const { return untold_; } // verdicts beyond groups_max

private:
    struct Key {
        std::string_view id;
        std::string_view cause;
        Endpoint responder;
        friend auto operator<=>(const Key &, const Key &) = default;
    };
    // A connection the group is illustrated with.
    struct Example {
        const Flow *flow = nullptr; // identity only
        Connection connection;
        Diagnosis words;
    };
    struct Group {
        std::uint64_t count = 0;
        std::uint64_t told = 0; // count when last told
        std::uint64_t first_ns = 0;
        std::uint64_t last_ns = 0;
        std::uint64_t lost_before = 0;
        std::optional<Address> source; // while all have the same
        std::vector<Example> examples;
    };
    using Groups = std::map<Key, Group>;

    void add(const Key &key, const Flow &flow, const Moment &moment, const Detector &detector,
             const Verdict &verdict);
    void withdraw(const Key &key, const Flow &flow);
    [[nodiscard]] Diagnosis compose(const Key &key, const Group &group) const;

    Groups groups_;
    std::set<Key> due_;
    std::uint64_t untold_ = 0;
    std::unordered_map<const Flow *, std::map<std::string_view, Key>> said_;
    std::uint64_t lost_ = 0;
};

} // namespace tcptrace
