// SPDX-License-Identifier: Apache-2.0
// Connections that a NAT on this machine renames: the kernel tells of one under several
// names, and it is judged under one. Bounded by the flows that are held. Which names belong
// together is asked elsewhere (host/).
#pragma once

#include "core/address.h"
#include "core/flow_key.h"

#include <tcptrace/record.h>

#include <tsl/robin_map.h>

#include <vector>

namespace tcptrace {

// Of the connection, wherever it is seen.
[[nodiscard]] tt_flow_key key_of(const Connection &connection);

// One connection, as it is judged, and as it is called elsewhere.
struct OtherName {
    Connection judged;
    Connection elsewhere;
};

// What was told under the one name, as it would have been under the other. The network
// namespace is left out: there, this name means nothing.
[[nodiscard]] tt_record renamed(const tt_record &told, const OtherName &name);
// Index of the end that `sender` under the one name has under the other.
[[nodiscard]] std::uint8_t renamed_sender(std::uint8_t sender, const OtherName &name);

class OtherNames {
public:
    void add(const OtherName &name);
    // What is judged in place of the connection that is called so; nullptr: itself.
    [[nodiscard]] const OtherName *find(const tt_flow_key &elsewhere) const;
    // The connection that is judged under this name is over.
    void forget(const tt_flow_key &judged);
    [[nodiscard]] bool empty() const { return names_.empty(); }

private:
    static constexpr std::size_t each_max = 4;

    template <typename Value>
    using ByKey = tsl::robin_map<tt_flow_key, Value, FlowKeyHash, FlowKeyEqual>;

    ByKey<OtherName> names_;                       // by `elsewhere`
    ByKey<std::vector<tt_flow_key>> elsewhere_of_; // by `judged`
};

} // namespace tcptrace
