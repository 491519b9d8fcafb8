// SPDX-License-Identifier: Apache-2.0
// One fault is one diagnosis: which detector's word stands, what a crowd is, and how the
// worst comes first.
#include "detect/book.h"
#include "detect/explains.h"
#include "detect/explanation.h"
#include "support/judged.h"

#include <deque>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

std::vector<std::string> said_of(const Flow &flow, double ms)
{
    const Moment moment{.now_ns = static_cast<std::uint64_t>((1000 + ms) * 1e6), .ending = false};
    std::vector<std::string> said;
    for (const Finding &finding : judge_flow(flow, moment)) {
        if (finding.verdict)
            said.push_back(std::string(finding.detector->id()) + " " +
                           std::string(finding.verdict->cause));
    }
    return said;
}

// Connections that are begun by one SYN, or by more, and answered or not.
struct Crowded {
    Crowded(std::uint16_t port, bool answered, int syns = 1)
        : story(port), first(story.at(1000, syn)), flow(first)
    {
        flow.update(first);
        for (int i = 1; i < syns; i++)
            flow.update(story.at(1000 + 1000 * i, syn));
        if (answered)
            flow.update(story.at(1001, synack));
    }
    Story story;
    const Observation &first;
    Flow flow;
};

class Crowds {
public:
    void add(int connections, bool answered, int syns = 1)
    {
        for (int i = 0; i < connections; i++)
            all_.emplace_back(port_++, answered, syns);
    }
    std::vector<Diagnosis> judged(Book &book, double ms = 5000)
    {
        const Moment moment{.now_ns = static_cast<std::uint64_t>(ms * 1e6), .ending = false};
        for (const Crowded &each : all_) {
            for (const Finding &finding : judge_flow(each.flow, moment))
                book.enter(each.flow, moment, *finding.detector, finding.verdict);
        }
        return book.all();
    }
    std::deque<Crowded> &all() { return all_; }

private:
    std::uint16_t port_ = 20000;
    std::deque<Crowded> all_;
};

} // namespace

TEST_CASE("a consequence is silent beside its fault, and speaks without it")
{
    CHECK(explained_by("packet_loss", "network_loss", "syn_timeout", "accept_queue_full"));
    CHECK_FALSE(explained_by("packet_loss", "network_loss", "syn_timeout", "no_reply"));
    CHECK(explained_by("packet_loss", "filtered_on_this_node", "syn_timeout",
                       "filtered_on_this_node"));
    CHECK(explained_by("reset_after_data", "aborted_by_peer", "packet_loss", "peer_gone"));
    CHECK_FALSE(explained_by("reset_after_data", "process_killed", "packet_loss", "peer_gone"));
    CHECK(explained_by("packet_loss", "peer_gone", "reset_after_data", "connection_unknown"));
    CHECK_FALSE(explained_by("syn_timeout", "no_reply", "syn_timeout", "no_reply"));
}

TEST_CASE("no two faults explain each other: both would be silent")
{
    for (const auto &a : detectors()) {
        for (const auto &b : detectors())
            CHECK_FALSE(
                (explained_by(a->id(), {}, b->id(), {}) && explained_by(b->id(), {}, a->id(), {})));
    }
}

TEST_CASE("data repeated to a full accept queue is one fault, repeated to a lossy path another")
{
    Judged judged;
    judged.handshake();
    for (const double ms : {1000, 1300, 1900})
        judged.say(ms, data(101, 100));
    CHECK(said_of(judged.flow(), 2000) == std::vector<std::string>{"packet_loss network_loss"});
    judged.drop({.reason = "TCP_LISTEN_OVERFLOW",
                 .function = "tcp_v4_rcv",
                 .hook = {},
                 .interface = {},
                 .netns = 1,
                 .sender = static_cast<std::uint8_t>(judged.flow().initiator()),
                 .flags = TT_ACK,
                 .count = 3,
                 .first_ns = 1,
                 .last_ns = 2,
                 .harmless = false});
    CHECK(said_of(judged.flow(), 2000) ==
          std::vector<std::string>{"syn_timeout accept_queue_full"});
}

TEST_CASE("syn_flood: fifty half-open connections, some of them answered, are one")
{
    Crowds crowds;
    Book book;
    crowds.add(45, false);
    crowds.add(4, true);
    for (const Diagnosis &each : crowds.judged(book))
        CHECK(each.id == "syn_timeout");
    crowds.add(1, true);
    const auto told = crowds.judged(book);
    REQUIRE(told.size() == 1);
    CHECK(told[0].id == "syn_flood");
    CHECK(told[0].count == 50);
    CHECK(told[0].destination_port == 80);
    CHECK(told[0].cause.empty());
}

TEST_CASE("syn_flood: a client in earnest asks again; a server that answers nobody is dead")
{
    Crowds earnest;
    Book first;
    earnest.add(57, false, 3);
    earnest.add(4, true);
    const auto lost = earnest.judged(first);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].id == "syn_timeout");
    CHECK(lost[0].count == 57);

    Crowds dead;
    Book second;
    dead.add(60, false);
    const auto told = dead.judged(second);
    REQUIRE(told.size() == 1);
    CHECK(told[0].id == "syn_timeout");
    CHECK(told[0].count == 60);
}

TEST_CASE("syn_flood: who suffers from it is told apart, and is taken back with it")
{
    Crowds crowds;
    Book book;
    crowds.add(50, false);
    crowds.add(10, true);
    crowds.add(1, false, 4);
    auto told = crowds.judged(book);
    REQUIRE(told.size() == 2);
    CHECK(told[0].id == "syn_flood");
    CHECK(told[0].count == 60);
    CHECK(told[1].id == "syn_timeout");
    CHECK(told[1].count == 1);

    for (std::size_t i = 0; i < 20; i++) // these were only slow
        crowds.all()[i].flow.update(crowds.all()[i].story.at(4000, synack));
    for (std::size_t i = 0; i < 20; i++)
        crowds.all()[i].flow.update(crowds.all()[i].story.at(4001, ack));
    told = crowds.judged(book);
    REQUIRE(told.size() == 1);
    CHECK(told[0].id == "syn_timeout");
    CHECK(told[0].count == 31);
}

TEST_CASE("what is surer stands above what is more, and what is worse above both")
{
    Book book;
    Crowds many;
    many.add(5, false);
    Judged sure;
    sure.say(0, syn).icmp(5, syn, 3, 1);
    const Moment moment{.now_ns = 5 * TT_NSEC_PER_SEC, .ending = false};
    many.judged(book);
    for (const Finding &finding : judge_flow(sure.flow(), moment))
        book.enter(sure.flow(), moment, *finding.detector, finding.verdict);
    const auto told = book.all();
    REQUIRE(told.size() == 2);
    CHECK(told[0].cause == "host_unreachable");
    CHECK(told[1].count == 5);
}

TEST_CASE("port_exhaustion: connects without a port, each counted")
{
    Judged judged(0);
    for (const double ms : {0, 1, 2})
        judged.connect_failed(ms);
    CHECK(judged.of("port_exhaustion", 10) == "-");
    CHECK(judged.of("syn_timeout", 9000, true) == "none");
    CHECK(judged.verdict("port_exhaustion", 10)->connections == 3);
    CHECK(judged.flow().connection().responder.port == 80);

    Book book;
    for (const Finding &finding : judge_flow(judged.flow(), {}))
        book.enter(judged.flow(), {}, *finding.detector, finding.verdict);
    REQUIRE(book.all().size() == 1);
    CHECK(book.all()[0].count == 3);
    CHECK_FALSE(book.all()[0].source_port);
    CHECK(book.all()[0].examples.empty()); // there is no port to show
}

TEST_CASE("every diagnosis is explained")
{
    for (const auto &detector : detectors()) {
        CAPTURE(detector->id());
        const auto text = explanation_of(detector->id());
        REQUIRE(text);
        CHECK(text->starts_with("## " + std::string(detector->id()) + "\n"));
        CHECK(text->contains("**What can fool it.**"));
        CHECK_FALSE(text->contains("\n# "));
    }
    CHECK_FALSE(explanation_of("no_such_id"));
}
