// SPDX-License-Identifier: Apache-2.0
// What the text and the JSON sink write, and where and when.
#include "sink/json_sink.h"
#include "sink/text_sink.h"
#include "support/story.h"

#include <nlohmann/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <utility>

using namespace tcptrace;
using test::Said;
using test::Story;

namespace {

constexpr Said syn{.flags = TT_SYN, .sequence = 100};
constexpr std::int64_t noon = 1'767'355'200'000'000'000; // 2026-01-02T12:00:00Z

// A pipe whose other end is a stream.
class Sheet {
public:
    Sheet()
    {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        read_ = UniqueFd(ends[0]);
        write_ = UniqueFd(ends[1]);
        ::fcntl(read_.get(), F_SETFL, O_NONBLOCK);
        setenv("TZ", "UTC", 1);
        tzset();
    }
    Stream stream() { return {std::move(write_), "sheet"}; }
    std::string text()
    {
        std::array<char, 16384> buffer{};
        const ssize_t got = ::read(read_.get(), buffer.data(), buffer.size());
        return got > 0 ? std::string(buffer.data(), static_cast<std::size_t>(got)) : "";
    }

private:
    UniqueFd read_;
    UniqueFd write_;
};

struct TextSheets {
    explicit TextSheets(TextOptions options)
        : sink(options, [] { return noon; }, out.stream(), notes.stream())
    {
    }
    Sheet out;
    Sheet notes;
    TextSink sink;
};

const std::string syn_line =
    "12:00:01.001000 IP 192.0.2.1.40000 > 192.0.2.2.80: Flags [S], seq 100, length 0  "
    "«syn_retransmission #1, 1.001 s, no SYN-ACK»\n";

StartInfo live_info()
{
    StartInfo info;
    info.source = "live";
    info.interfaces = {"any"};
    info.depth = TT_DEPTH_NOTABLE;
    return info;
}

} // namespace

TEST_CASE("an event's line, at once when live")
{
    Story story;
    story.at(0, syn);
    const Observation &again = story.at(1001, syn);
    TextSheets live({.flush_each = true});
    live.sink.event(again, again.record.finding.anomalies);
    CHECK(live.out.text() == syn_line);

    TextSheets file({});
    file.sink.event(again, again.record.finding.anomalies);
    CHECK(file.out.text().empty());
    CHECK(file.sink.finish());
    CHECK(file.out.text() == syn_line);
}

TEST_CASE("no events when not asked for")
{
    Story story;
    story.at(0, syn);
    const Observation &again = story.at(1001, syn);
    TextSheets sheets({.events = false});
    sheets.sink.event(again, again.record.finding.anomalies);
    CHECK(sheets.sink.finish());
    CHECK(sheets.out.text().empty());
}

TEST_CASE("the report to standard output, notes and counters to standard error")
{
    TextSheets sheets({.stats = true});
    sheets.sink.start(live_info());
    CHECK(sheets.notes.text() == "listening on any, depth notable\n");
    sheets.sink.lost(3, 5 * TT_NSEC_PER_SEC);
    CHECK(sheets.notes.text() ==
          "note: at 12:00:05 3 records lost: the kernel told faster than could be read here\n");
    Diagnosis diagnosis;
    diagnosis.id = "syn_timeout";
    diagnosis.count = 1;
    sheets.sink.diagnosis(diagnosis);
    CHECK(sheets.out.text().starts_with("✗ syn_timeout  several clients"));
    sheets.sink.summary({});
    CHECK(sheets.out.text() == "? nothing to judge: no TCP packet was seen\n");
    const std::string counters = sheets.notes.text();
    CHECK(counters.starts_with("0 packets captured\n"));
    CHECK(counters.find(" packets_seen\n") != std::string::npos);
}

TEST_CASE("JSON: start, event, lost, summary, each whole on its line")
{
    Story story;
    story.at(0, syn);
    const Observation &again = story.at(1001, syn);
    Sheet out;
    JsonSink sink({.version = "0.1.0"}, [] { return noon; }, out.stream());
    sink.start(live_info());
    sink.event(again, again.record.finding.anomalies);
    sink.lost(1, 0);
    sink.diagnosis({});
    sink.summary({});
    CHECK(sink.finish());

    std::vector<std::string> types;
    std::string text = out.text();
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
        types.push_back(nlohmann::json::parse(text.substr(0, end))["type"]);
    CHECK(text.empty());
    CHECK(types == std::vector<std::string>{"start", "event", "lost", "diagnosis", "summary"});
}

TEST_CASE("a failing output is told at the end")
{
    JsonSink sink(
        {}, [] { return noon; },
        Stream(UniqueFd(::open("/dev/full", O_WRONLY | O_CLOEXEC)), "full"));
    sink.start({});
    const auto done = sink.finish();
    REQUIRE_FALSE(done);
    CHECK(done.error().status == Status::InputOutput);
}
