// SPDX-License-Identifier: Apache-2.0
// One fault is one diagnosis: verdicts on single connections are entered here under
// what they share (id, cause, server address and port), counted, and told as one. What one
// connection shows of several faults is settled before (explains.h); what a crowd of them shows
// (detector.h) is settled here, for it takes as many. So is that a host which asks another for
// one port after the other scans it: that it is refused is no fault.
#pragma once

#include "core/diagnosis.h"
#include "detect/detector.h"
#include "detect/fault_group.h"

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace tcptrace {

class Book {
public:
    // Beyond so many different faults (a scan of many thousand ports) new ones are counted only.
    static constexpr std::size_t groups_max = 4096;

    // Enters what `detector` says of the flow now; replaces what it said before, and
    // takes that back if there is nothing left to say.
    void enter(const Flow &flow, const Moment &moment, const Detector &detector,
               const std::optional<Verdict> &verdict);
    // The flow is gone; what was said of it stays.
    void forget(const Flow &flow);
    void note_lost(std::uint64_t records);

    // How many ports make it a scan, each tried so often at most.
    static constexpr std::size_t scanned_ports = 16;
    static constexpr std::uint64_t tries_of_scan = 2;

    // Those that are new, or whose count grew tenfold since they were last told. What may be
    // the beginning of a scan waits for a second.
    [[nodiscard]] std::vector<Diagnosis> take_due(std::uint64_t now_ns);
    // All, worst first: by severity, confidence and the number of connections.
    [[nodiscard]] std::vector<Diagnosis> all() const;
    [[nodiscard]] std::uint64_t untold() const { return untold_; } // verdicts beyond groups_max

private:
    struct Key {
        std::string_view id;
        std::string_view cause;
        std::optional<Endpoint> responder; // a notice is one for all connections
        friend auto operator<=>(const Key &, const Key &) = default;
    };
    // What was said of one flow.
    struct Entry {
        Key key;
        FaultShare share;
        bool tells = false;
        bool in_crowd = false; // a crowd that it belongs to explains it, once that is told
    };
    using Entries = std::map<std::string_view, Entry>; // by id
    using Group = FaultGroup;
    using Groups = std::map<Key, Group>;

    void add(const Entry &entry, const Flow &flow, const Moment &moment, const Detector &detector,
             const Verdict &verdict);
    void refresh(Entry &entry, const Flow &flow, const Moment &moment, const Detector &detector,
                 const Verdict &verdict);
    void withdraw(const Entry &entry);
    void leave_crowd(Entries &entries, std::string_view crowd);
    // A crowd is told of at the same server, which explains such a fault.
    [[nodiscard]] bool crowd_is_told(const Key &key) const;
    // Connections the group is told for; 0: it is not told.
    [[nodiscard]] std::uint64_t told_for(const Key &key, const Group &group) const;
    // Alone, it is one try of a scan.
    [[nodiscard]] static bool may_scan(const Key &key, const Group &group);
    [[nodiscard]] bool scans(const Key &key, const Group &group) const;
    void note_due(const Key &key, const Group &group);
    void look_at_held(std::uint64_t now_ns);
    [[nodiscard]] Diagnosis compose(const Key &key, const Group &group) const;

    Groups groups_;
    std::set<Key> due_;
    std::set<Key> held_; // due, if they turn out not to be a scan
    std::uint64_t looked_at_held_ns_ = 0;
    std::uint64_t untold_ = 0;
    std::unordered_map<const Flow *, Entries> said_;
    std::uint64_t lost_ = 0;
};

} // namespace tcptrace
