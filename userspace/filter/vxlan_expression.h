// SPDX-License-Identifier: Apache-2.0
// `vxlan [VNI]`, which libpcap has only from after 1.10 on: the expression is taken apart
// into what libpcap can compile. True if the packet goes to UDP port 4789; what follows the
// word is about the packet inside (pcap-filter(7) of libpcap's main branch).
#pragma once

#include "core/result.h"

#include <string>

namespace tcptrace {

struct VxlanExpression {
    std::string outer; // about the packet as it is; the whole expression if it has no `vxlan`
    std::string inner; // about the frame VXLAN carries; empty if nothing is asked of it
};

// Expressions of the form OUTER and vxlan [VNI] and INNER, where OUTER and INNER may be
// missing; where nothing follows it, `vxlan` may stand anywhere. Others are usage errors:
// after an `or` it would not be clear which packet is meant.
[[nodiscard]] Result<VxlanExpression> split_at_vxlan(const std::string &expression);

} // namespace tcptrace
