// SPDX-License-Identifier: Apache-2.0
// Every segment of several capture files, by connection; bounded. Where it is full, the
// file at hand counts as ended, so that nothing is missed in silence.
//
// A connection that a NAT renamed between two files is known again by its initial sequence
// number and the mark of its SYN, which few NATs change.
#pragma once

#include "core/flow_key.h"
#include "core/path_view.h"

#include <tcptrace/segment.h>

#include <tsl/robin_map.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tcptrace {

class SegmentLog {
public:
    // One segment of one file, at one of that file's points.
    struct Entry {
        std::uint8_t file = 0;
        std::uint8_t side = 0;
        std::uint32_t ifindex = 0;
        Sighting segment{}; // on the file's own clock
    };
    using Entries = std::vector<Entry>;

    explicit SegmentLog(std::size_t capacity) : capacity_(capacity) {}

    // What is added from now on is of another file.
    void begin_file() { current_.clear(); }
    // False when there is no room.
    [[nodiscard]] bool add(std::uint8_t file, const tt_flow_key &key, unsigned sender,
                           const Sighting &segment);

    // The connection that began with this sequence number, or the first on these ports.
    [[nodiscard]] const Entries *find(const tt_flow_key &connection,
                                      std::optional<std::uint32_t> first_sequence) const;
    [[nodiscard]] const std::vector<Entries> &all() const { return connections_; }
    // The files that hold segments between the two hosts, as a set of bits.
    [[nodiscard]] std::uint32_t files_between(const tt_flow_key &connection) const;

private:
    struct Incarnation {
        std::uint32_t first_sequence = 0;
        bool begun = false;           // its SYN was seen
        bool first_is_low = false;    // the initiator is end 0 of the key
        std::uint32_t connection = 0; // in connections_
    };
    using Incarnations = std::vector<Incarnation>;

    [[nodiscard]] Incarnation &incarnation(const tt_flow_key &connection, unsigned sender,
                                           const Entry &entry);
    [[nodiscard]] std::uint32_t connection_of_syn(const Entry &syn);

    std::size_t capacity_;
    std::size_t size_ = 0;
    std::vector<Entries> connections_;
    tsl::robin_map<tt_flow_key, Incarnations, FlowKeyHash, FlowKeyEqual> by_key_;
    tsl::robin_map<tt_flow_key, std::size_t, FlowKeyHash, FlowKeyEqual> current_; // in this file
    tsl::robin_map<std::uint64_t, std::uint32_t> by_syn_; // sequence and mark: connection
    tsl::robin_map<tt_flow_key, std::uint32_t, FlowKeyHash, FlowKeyEqual> hosts_;
};

} // namespace tcptrace
