// SPDX-License-Identifier: Apache-2.0
// How packet lines look: tcpdump's options of the same meaning.
#pragma once

#include "render/time_column.h"

namespace tcptrace {

struct LineOptions {
    int verbosity = 0; // -v, -vv, -vvv
    TimeStyle time = TimeStyle::Default;
    bool absolute_sequence = false; // -S
    bool interface_columns = false; // live `any`: "eth0  Out " before the packet
};

} // namespace tcptrace
