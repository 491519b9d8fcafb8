// SPDX-License-Identifier: Apache-2.0
// In which order a connection's packets pass the points of several captures.
#pragma once

#include "core/path_view.h"

namespace tcptrace {

// The initiator's side first. By the time that packets take between two points, which needs
// no common clock; else by the hops that their TTL lost; else by where more of the
// initiator's packets are, for they get fewer on the way.
[[nodiscard]] PathView in_order_of_path(PathView view);

} // namespace tcptrace
