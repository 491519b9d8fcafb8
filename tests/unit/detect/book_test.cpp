// SPDX-License-Identifier: Apache-2.0
#include "detect/book.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};
constexpr Said refusal{.from_client = false,
                       .flags = TT_RST | TT_ACK,
                       .sequence = 0,
                       .acknowledgment = 101,
                       .window = 0};

const Detector &detector(std::string_view id)
{
    return **std::ranges::find(detectors(), id, [](const auto &each) { return each->id(); });
}

// A connection that was refused, and what is said of it.
struct Refused {
    explicit Refused(int client_port, int server_port = 80)
        : story(static_cast<std::uint16_t>(client_port), static_cast<std::uint16_t>(server_port)),
          flow(story.at(0, syn))
    {
        flow.update(story.at(0, syn));
        flow.update(story.at(1, refusal));
    }
    void enter(Book &book, bool ending = false) const
    {
        const Detector &refused = detector("connection_refused");
        const Moment moment{.now_ns = 2 * TT_NSEC_PER_MSEC, .ending = ending};
        book.enter(flow, moment, refused, refused.judge(flow, moment));
    }
    Story story;
    Flow flow;
};

} // namespace

TEST_CASE("many connections refused by one server are one diagnosis")
{
    Book book;
    std::deque<Refused> all;
    for (std::uint16_t port = 40000; port < 40400; port++)
        all.emplace_back(port).enter(book);
    const auto diagnoses = book.all();
    REQUIRE(diagnoses.size() == 1);
    CHECK(diagnoses[0].id == "connection_refused");
    CHECK(diagnoses[0].cause == "refused_by_peer");
    CHECK(diagnoses[0].count == 400);
    CHECK(diagnoses[0].destination_port == 80);
    CHECK(diagnoses[0].source.has_value());
    CHECK_FALSE(diagnoses[0].source_port.has_value());
    CHECK(diagnoses[0].examples.size() == 3);
    CHECK_FALSE(diagnoses[0].evidence.empty());
}

TEST_CASE("a diagnosis is told when new and when it grew tenfold")
{
    Book book;
    std::deque<Refused> all;
    std::vector<std::uint64_t> told;
    for (std::uint16_t port = 40000; port < 40120; port++) {
        all.emplace_back(port).enter(book);
        for (const Diagnosis &diagnosis : book.take_due(2 * TT_NSEC_PER_SEC))
            told.push_back(diagnosis.count);
    }
    CHECK(told == std::vector<std::uint64_t>{1, 10, 100});
}

TEST_CASE("saying the same again changes nothing, and what is said can be taken back")
{
    Book book;
    const Refused refused(40000);
    refused.enter(book);
    refused.enter(book);
    REQUIRE(book.all().size() == 1);
    CHECK(book.all()[0].count == 1);
    CHECK(book.all()[0].source_port == 40000);
    book.enter(refused.flow, {}, detector("connection_refused"), std::nullopt);
    CHECK(book.all().empty());
    CHECK(book.take_due(2 * TT_NSEC_PER_SEC).empty());
}

TEST_CASE("a host that asks for one port after the other scans, and no refusal is a fault")
{
    Book book;
    std::deque<Refused> all;
    for (std::uint16_t port = 1; port < Book::scanned_ports; port++)
        all.emplace_back(40000, port).enter(book);
    CHECK(book.take_due(TT_NSEC_PER_SEC / 2).empty()); // it may become one
    CHECK(book.all().size() == Book::scanned_ports - 1);
    all.emplace_back(40000, Book::scanned_ports).enter(book);
    CHECK(book.all().empty());
    CHECK(book.take_due(2 * TT_NSEC_PER_SEC).empty());
    // Who asks for one of the ports again and again means it.
    for (std::uint16_t more = 1; more <= Book::tries_of_scan; more++)
        all.emplace_back(40000 + more, 7).enter(book);
    CHECK(book.all().size() == Book::scanned_ports);
}

TEST_CASE("one refusal that is no scan is told a second later")
{
    Book book;
    const Refused refused(40000);
    refused.enter(book);
    CHECK(book.take_due(TT_NSEC_PER_SEC / 2).empty());
    CHECK(book.take_due(2 * TT_NSEC_PER_SEC).size() == 1);
    CHECK(book.take_due(3 * TT_NSEC_PER_SEC).empty());
}

TEST_CASE("a flow that is gone leaves its words and evidence")
{
    Book book;
    {
        const Refused refused(40000);
        refused.enter(book);
        book.forget(refused.flow);
    }
    REQUIRE(book.all().size() == 1);
    CHECK(book.all()[0].evidence.size() == 2);
}
