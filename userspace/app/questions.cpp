// SPDX-License-Identifier: Apache-2.0
#include "app/questions.h"

#include "app/dropped_packet.h"

namespace tcptrace {

bool Questions::ask_about(const Flow &flow, std::uint64_t now_ns)
{
    if (!inquirer_)
        return false;
    Asked &asked = asked_[flow.key()];
    const bool about_drop = has_drop_to_explain(flow);
    const bool is_needed = asked.times == 0 || (about_drop && !asked.about_drop);
    const bool more = flow.last_ns() > asked.last_ns && now_ns >= asked.last_ns + between_ns;
    if ((is_needed || more) && asked.times < times_max && inquirer_->ask(flow)) {
        asked.last_ns = now_ns;
        if (is_needed)
            asked.needed_ns = now_ns;
        asked.times++;
        asked.about_drop = about_drop;
    }
    return asked.answers < asked.times && now_ns < asked.needed_ns + patience_ns;
}

std::vector<Inquirer::Answer> Questions::answers()
{
    if (!inquirer_)
        return {};
    std::vector<Inquirer::Answer> answers = inquirer_->answers();
    for (const Inquirer::Answer &answer : answers) {
        if (const auto asked = asked_.find(answer.key); asked != asked_.end())
            asked.value().answers++;
    }
    return answers;
}

void Questions::settle()
{
    if (inquirer_)
        inquirer_->settle();
}

} // namespace tcptrace
