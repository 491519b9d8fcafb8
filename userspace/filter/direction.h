// SPDX-License-Identifier: Apache-2.0
// Whether a filter takes one direction of a connection only ("src host", "dst port"): told
// by running it on made-up packets and their answers, not by reading its words.
#pragma once

#include <string>

namespace tcptrace {

// False too where that cannot be told: names instead of addresses, MAC addresses, filters
// on what a made-up packet does not have.
[[nodiscard]] bool takes_one_direction(const std::string &expression);

} // namespace tcptrace
