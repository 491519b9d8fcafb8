// SPDX-License-Identifier: Apache-2.0
#include "app/questions.h"

namespace tcptrace {

bool Questions::ask_about(const Flow &flow, std::uint64_t now_ns)
{
    if (!inquirer_)
        return false;
    const auto found = asked_.find(flow.key());
    if (found == asked_.end()) {
        if (!inquirer_->ask(flow))
            return false;
        asked_.emplace(flow.key(), Asked{now_ns, now_ns, 1});
        return true;
    }
    Asked &asked = found.value();
    const bool more = flow.last_ns() > asked.last_ns;
    if (more && asked.times < times_max && now_ns >= asked.last_ns + between_ns &&
        inquirer_->ask(flow)) {
        asked.last_ns = now_ns;
        asked.times++;
    }
    return !flow.facts() && now_ns < asked.first_ns + patience_ns;
}

std::vector<Inquirer::Answer> Questions::answers()
{
    return inquirer_ ? inquirer_->answers() : std::vector<Inquirer::Answer>{};
}

void Questions::settle()
{
    if (inquirer_)
        inquirer_->settle();
}

} // namespace tcptrace
