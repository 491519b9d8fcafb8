// SPDX-License-Identifier: Apache-2.0
// Somebody who is asked about connections, and answers when the test says so.
#pragma once

#include "app/inquirer.h"

#include <utility>
#include <vector>

namespace tcptrace::test {

class Knowing : public Inquirer {
public:
    [[nodiscard]] bool ask(const Flow &flow) override
    {
        if (!listens)
            return false;
        asked.push_back(flow.key());
        return true;
    }
    [[nodiscard]] std::vector<Answer> answers() override { return std::exchange(ready_, {}); }
    void settle() override
    {
        for (; answered_ < asked.size(); answered_++)
            ready_.push_back({asked[answered_], facts});
    }
    // The oldest question that has no answer yet.
    void answer() { ready_.push_back({asked.at(answered_++), facts}); }

    bool listens = true;
    HostFacts facts{};
    std::vector<tt_flow_key> asked{};

private:
    std::size_t answered_ = 0;
    std::vector<Answer> ready_{};
};

} // namespace tcptrace::test
