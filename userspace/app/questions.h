// SPDX-License-Identifier: Apache-2.0
// When the machine is asked about a connection: once something is to be said of it, once more
// when a rule turns out to have dropped it, and again when more happened to it, but not for
// each event. What is to be said waits for the first two answers.
#pragma once

#include "app/inquirer.h"
#include "core/flow_key.h"

#include <tsl/robin_map.h>

#include <cstdint>
#include <vector>

namespace tcptrace {

class Questions {
public:
    // nullptr: there is nobody to ask, and nothing waits.
    explicit Questions(Inquirer *inquirer) : inquirer_(inquirer) {}

    [[nodiscard]] bool possible() const { return inquirer_ != nullptr; }
    // Something is to be said of the flow: asks if it is time to. True: wait with it, an
    // answer that it needs is on its way.
    [[nodiscard]] bool ask_about(const Flow &flow, std::uint64_t now_ns);
    [[nodiscard]] std::vector<Inquirer::Answer> answers();
    // All that was asked is answered, as far as it will be.
    void settle();
    void forget(const Flow &flow) { asked_.erase(flow.key()); }

private:
    static constexpr std::uint64_t patience_ns = TT_NSEC_PER_SEC;    // for an answer
    static constexpr std::uint64_t between_ns = 2 * TT_NSEC_PER_SEC; // two questions
    static constexpr unsigned times_max = 8;

    struct Asked {
        std::uint64_t last_ns = 0;
        std::uint64_t needed_ns = 0; // the last one that is waited for
        unsigned times = 0;
        unsigned answers = 0;
        bool about_drop = false; // one of them was
    };

    Inquirer *inquirer_;
    tsl::robin_map<tt_flow_key, Asked, FlowKeyHash, FlowKeyEqual> asked_;
};

} // namespace tcptrace
