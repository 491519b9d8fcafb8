// SPDX-License-Identifier: Apache-2.0
#include "render/verdict.h"

#include "render/text.h"

#include <numeric>

namespace tcptrace {

namespace {

void add_doubt(std::string &doubts, std::string_view doubt)
{
    if (!doubts.empty())
        doubts += "; ";
    doubts += doubt;
}

} // namespace

std::uint64_t anomalies_of(const Summary &summary)
{
    return std::accumulate(summary.events.begin(), summary.events.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto &event) { return sum + event.second; });
}

std::uint64_t segments_of(const Summary &summary)
{
    return summary.counters.segments_let_go + summary.counters.segments_classified;
}

RunVerdict verdict_of(const Summary &summary)
{
    if (summary.faults > 0)
        return RunVerdict::Faults;
    if (!doubts_about(summary).empty())
        return RunVerdict::Undecided;
    if (segments_of(summary) == 0 && anomalies_of(summary) == 0)
        return RunVerdict::NothingSeen;
    return RunVerdict::Healthy;
}

std::string doubts_about(const Summary &summary)
{
    std::string doubts;

    if (summary.records_lost > 0)
        add_doubt(doubts, counted(summary.records_lost, "record") + " lost");
    if (summary.counters.flows_no_room > 0)
        add_doubt(doubts, counted(summary.counters.flows_no_room, "segment") +
                              " found no room in the flow table");
    if (summary.counters.sweep_over_budget > 0)
        add_doubt(doubts, counted(summary.counters.sweep_over_budget, "unanswered SYN") +
                              " not told one by one");
    if (summary.interrupted)
        add_doubt(doubts, "the input is damaged, only what was whole has been judged");
    return doubts;
}

std::string_view to_string(RunVerdict verdict)
{
    switch (verdict) {
    case RunVerdict::Healthy:
        return "healthy";
    case RunVerdict::Faults:
        return "faults";
    case RunVerdict::NothingSeen:
        return "nothing_seen";
    case RunVerdict::Undecided:
        break;
    }
    return "undecided";
}

} // namespace tcptrace
