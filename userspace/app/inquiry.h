// SPDX-License-Identifier: Apache-2.0
// Asks this machine about connections in trouble, on a thread of its own: sockets, routes,
// tables and counters of the network namespaces at their ends, and the firewall rule that
// dropped a packet of theirs. What is asked stands in host/; who asks, in pipeline.
#pragma once

#include "app/inquirer.h"
#include "core/result.h"

#include <memory>
#include <string>
#include <vector>

namespace tcptrace {

class Inquiry final : public Inquirer {
public:
    // Starts the thread in the namespace of the calling one, and waits, within a bound, until
    // it has noted where the machine's counters stand.
    [[nodiscard]] static Result<std::unique_ptr<Inquiry>> begin();
    // Waits for the question at hand, which is bounded too.
    ~Inquiry() override;
    Inquiry(const Inquiry &) = delete;
    Inquiry &operator=(const Inquiry &) = delete;

    [[nodiscard]] bool ask(const Flow &flow) override;
    [[nodiscard]] std::vector<Answer> answers() override;
    void settle() override;
    // Sentences on what cannot be asked here.
    [[nodiscard]] std::vector<std::string> notes() const;

private:
    struct Shared;
    explicit Inquiry(std::unique_ptr<Shared> shared);

    std::unique_ptr<Shared> shared_;
};

} // namespace tcptrace
