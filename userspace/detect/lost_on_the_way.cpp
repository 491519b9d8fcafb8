// SPDX-License-Identifier: Apache-2.0
#include "detect/lost_on_the_way.h"

#include "detect/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tcptrace {

namespace {

bool is_reset(std::string_view id)
{
    return id == "reset_after_data" || id == "reset_after_handshake" || id == "connection_refused";
}

// What was lost, for a diagnosis of lost packets.
struct Lost {
    const Gap *gap = nullptr;
    std::string_view one;
    std::string_view many;
};

const Gap *worse(const std::array<std::optional<Gap>, 2> &gaps)
{
    const auto weight = [](const std::optional<Gap> &gap) {
        return gap ? std::pair(gap->covered, gap->packets) : std::pair(false, 0U);
    };
    const auto &worst = weight(gaps[1]) > weight(gaps[0]) ? gaps[1] : gaps[0];
    return worst ? &*worst : nullptr;
}

Lost lost_of(const TwoViews &views, std::string_view id)
{
    if (id == "syn_timeout") {
        if (views.syns && (views.syns->covered || !views.synacks))
            return {&*views.syns, "SYN", "SYNs"};
        if (views.synacks)
            return {&*views.synacks, "SYN-ACK", "SYN-ACKs"};
    }
    if (id == "packet_loss") {
        const Gap *data = worse(views.data);
        const Gap *acks = worse(views.acks);
        if (data && (data->covered || !acks || !acks->covered))
            return {data, "segment", "segments"};
        if (acks)
            return {acks, "acknowledgment", "acknowledgments"};
    }
    if (is_reset(id) && views.made_reset)
        return {&*views.made_reset, "RST", "RSTs"};
    return {};
}

std::string gap_words(const Lost &lost)
{
    const Gap &gap = *lost.gap;
    const std::string packets = counted(gap.packets, lost.one, lost.many);
    const std::string_view receiver = gap.to_responder ? "server" : "client";
    const std::string_view holder = gap.to_responder ? gap.between[0] : gap.between[1];
    const std::string_view lacker = gap.to_responder ? gap.between[1] : gap.between[0];

    if (!gap.covered)
        return fmt::format("{} to the {} in {} but not in {}, which holds nothing of that time: "
                           "lost between the two, if it was still being taken",
                           packets, receiver, holder, lacker);
    return fmt::format("lost between {} and {}, on the way to the {}: {} in {} only",
                       gap.between[0], gap.between[1], receiver, packets, holder);
}

std::string reset_words(const Gap &gap)
{
    const std::string_view holder = gap.to_responder ? gap.between[1] : gap.between[0];
    const std::string_view lacker = gap.to_responder ? gap.between[0] : gap.between[1];
    return fmt::format("the RST is in {}, but it never passed {}: something between the two made "
                       "it, not the end whose address it bears",
                       holder, lacker);
}

bool is_complete(const TwoViews &views)
{
    return views.incomplete.empty() && !worse(views.data) && !worse(views.acks);
}

} // namespace

void refine(const TwoViews &views, std::string_view id, Verdict &verdict)
{
    const Lost lost = lost_of(views, id);

    if (lost.gap && is_reset(id)) {
        verdict = {id == "connection_refused" ? "rejected_by_firewall" : "firewall",
                   Confidence::Certain,
                   "network",
                   {}};
        return;
    }
    if (lost.gap) {
        if (lost.gap == (views.synacks ? &*views.synacks : nullptr))
            verdict.cause = "synack_lost";
        else if (verdict.cause == "peer_gone" && lost.gap->covered)
            verdict.cause = "network_loss";
        if (!verdict.locus.empty())
            verdict.locus = "unknown"; // it left the one, and did not come to the other
        if (lost.gap->covered || verdict.cause == "synack_lost")
            verdict.suspect = "network";
        if (lost.gap->covered)
            verdict.confidence = Confidence::Certain;
    }
}

void describe_way(const TwoViews &views, std::string_view id, Diagnosis &diagnosis)
{
    const Lost lost = lost_of(views, id);

    if (lost.gap) {
        diagnosis.where = is_reset(id) ? reset_words(*lost.gap) : gap_words(lost);
        diagnosis.lost_between = LostBetween{{lost.gap->between[0], lost.gap->between[1]},
                                             lost.gap->to_responder ? "to_responder"
                                                                    : "to_initiator"};
        return;
    }
    const bool asks_for_losses = is_reset(id) || id == "syn_timeout" || id == "packet_loss";
    if (asks_for_losses && !views.incomplete.empty())
        diagnosis.where = fmt::format("{} lacks packets that passed it: from what it does not hold "
                                      "nothing is concluded",
                                      views.incomplete);
    else if (diagnosis.cause == "no_reply" && views.syn_reached_the_last)
        diagnosis.where = fmt::format("the SYN is in {}, and no answer is: the server is silent, or "
                                      "the fault lies behind {}",
                                      fmt::join(views.points, " and "), views.points.back());
    else if (is_reset(id) && views.reset_everywhere)
        diagnosis.where = fmt::format("the RST is in {}: it was not made between them",
                                      fmt::join(views.points, " and "));
    else if (id == "packet_loss" && is_complete(views))
        diagnosis.where = fmt::format("nothing was lost between {}: each holds all of it",
                                      fmt::join(views.points, " and "));
}

} // namespace tcptrace
