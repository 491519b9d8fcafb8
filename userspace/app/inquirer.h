// SPDX-License-Identifier: Apache-2.0
// Whoever can be asked what this machine knows of a connection in trouble. The answers come
// later, by the flow's key: asking never waits. A file has nobody to ask.
#pragma once

#include "core/host_facts.h"
#include "flow/flow.h"

#include <tcptrace/flow_key.h>

#include <vector>

namespace tcptrace {

class Inquirer {
public:
    struct Answer {
        tt_flow_key key{}; // Flow::key() of the one it was asked about
        HostFacts facts{};
    };

    virtual ~Inquirer() = default;
    // False: too many questions wait, and this one does not.
    [[nodiscard]] virtual bool ask(const Flow &flow) = 0;
    // What has been answered since the last call.
    [[nodiscard]] virtual std::vector<Answer> answers() = 0;
    // Waits until all that was asked is answered, within a bound: the end of a run.
    virtual void settle() = 0;
};

} // namespace tcptrace
