// SPDX-License-Identifier: Apache-2.0
// The contract's flow key as a key of C++ containers, with and without the point it was
// seen at.
#pragma once

#include <tcptrace/flow_key.h>

#include <cstddef>

namespace tcptrace {

struct FlowKeyHash {
    std::size_t operator()(const tt_flow_key &key) const { return tt_flow_key_hash(&key, 0); }
};

struct FlowKeyEqual {
    bool operator()(const tt_flow_key &a, const tt_flow_key &b) const
    {
        return tt_flow_key_equal(&a, &b);
    }
};

// The connection, wherever it was seen.
[[nodiscard]] inline tt_flow_key connection_of(tt_flow_key key)
{
    key.ifindex = 0;
    key.side = 0;
    return key;
}

} // namespace tcptrace
