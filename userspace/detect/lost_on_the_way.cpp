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

// The detector's own words are of one who cannot tell: here it can be told.
void explain_gap(const Lost &lost, std::string_view id, Diagnosis &diagnosis)
{
    const std::string between =
        fmt::format("between {} and {}", lost.gap->between[0], lost.gap->between[1]);

    if (is_reset(id)) {
        diagnosis.what = fmt::format("RST to the {0}, in the name of the other end",
                                     lost.gap->to_responder ? "server" : "client");
        diagnosis.why = fmt::format("a firewall or another device {} resets it", between);
        diagnosis.advice = {"which devices stand on that way? Their TTL tells how far off: "
                            "tcpdump -v, the RST beside the other packets"};
    } else if (diagnosis.cause != "mtu_black_hole") {
        diagnosis.why = fmt::format("{} are lost {}", lost.many, between);
        diagnosis.advice = {
            fmt::format("look for rules, routes and full links {}; a capture half way narrows it "
                        "down, and can be read beside the two",
                        between)};
    }
}

// Nothing lost is an answer, too: it is not the way between these points.
std::string other_words(const TwoViews &views, std::string_view id, std::string_view cause)
{
    const std::string points = fmt::format("{}", fmt::join(views.points, " and "));

    if (id != "syn_timeout" && id != "packet_loss" && !is_reset(id))
        return {};
    if (!views.incomplete.empty())
        return fmt::format("{} lacks packets that passed it: from what it does not hold nothing is "
                           "concluded",
                           views.incomplete);
    if (cause == "no_reply" && views.syn_reached_the_last)
        return fmt::format("the SYN is in {}, and no answer is: the server is silent, or the fault "
                           "lies behind {}",
                           points, views.points.back());
    if (is_reset(id) && views.reset_everywhere)
        return fmt::format("the RST is in {}: it was not made between them", points);
    if (id == "packet_loss" && is_complete(views))
        return fmt::format("nothing was lost between {}: each holds all of it", points);
    return {};
}

} // namespace

Verdict refined(Verdict verdict, const TwoViews *views, std::string_view id)
{
    const Lost lost = views ? lost_of(*views, id) : Lost{};

    if (!lost.gap || verdict.cause == "host_unreachable")
        return verdict;
    if (is_reset(id)) {
        verdict.cause = id == "connection_refused" ? "rejected_by_firewall" : "firewall";
        verdict.confidence = Confidence::Certain;
        verdict.suspect = "network";
        return verdict;
    }
    if (views->synacks && lost.gap == &*views->synacks)
        verdict.cause = "synack_lost";
    else if (verdict.cause == "peer_gone" && lost.gap->covered)
        verdict.cause = "network_loss";
    if (!verdict.locus.empty())
        verdict.locus = "unknown"; // it left the one, and did not come to the other
    if (lost.gap->covered) {
        verdict.suspect = "network";
        verdict.confidence = Confidence::Certain;
    }
    return verdict;
}

void describe_way(const TwoViews &views, std::string_view id, Diagnosis &diagnosis)
{
    const Lost lost = lost_of(views, id);

    if (!lost.gap) {
        if (std::string words = other_words(views, id, diagnosis.cause); !words.empty())
            diagnosis.where = std::move(words);
        return;
    }
    diagnosis.where = is_reset(id) ? reset_words(*lost.gap) : gap_words(lost);
    diagnosis.lost_between = LostBetween{{lost.gap->between[0], lost.gap->between[1]},
                                         lost.gap->to_responder ? "to_responder" : "to_initiator"};
    if (lost.gap->covered && diagnosis.cause != "host_unreachable")
        explain_gap(lost, id, diagnosis);
}

} // namespace tcptrace
