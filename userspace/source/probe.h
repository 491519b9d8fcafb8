// SPDX-License-Identifier: Apache-2.0
// What this kernel and these privileges allow, asked without attaching anything.
#pragma once

#include <string>
#include <vector>

namespace tcptrace {

enum class Ability : unsigned char {
    Yes,
    Limited, // tcptrace runs, and sees or costs something else than at best
    No,      // tcptrace cannot watch live traffic
};

struct Probe {
    Ability ability = Ability::Yes;
    std::string says; // one sentence
    std::string hint; // what to do; empty when there is nothing to do
};

[[nodiscard]] std::vector<Probe> probe_all();

} // namespace tcptrace
