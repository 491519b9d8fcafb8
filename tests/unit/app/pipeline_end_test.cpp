// SPDX-License-Identifier: Apache-2.0
// How a run ends: verdicts, losses, limits and the summary.
#include "support/pipeline_run.h"

using namespace tcptrace;
using namespace tcptrace::test;

TEST_CASE("--fail-on: an id that was diagnosed fails, another does not, \"any\" means faults")
{
    for (const auto &[id, status] :
         {std::pair{"syn_timeout", Status::Diagnosed}, std::pair{"packet_loss", Status::Ok},
          std::pair{"any", Status::Diagnosed}}) {
        CAPTURE(id);
        Run run(failing_on(id));
        run.drop_syn();
        run.finish();
        CHECK(run.pipeline.verdict() == status);
    }
    Run asked_for_nothing;
    asked_for_nothing.drop_syn();
    asked_for_nothing.finish();
    CHECK(asked_for_nothing.pipeline.verdict() == Status::Ok);
}

TEST_CASE("a notice is no fault: \"any\" passes it over, its own id does not")
{
    for (const auto &[id, status] :
         {std::pair{"any", Status::Ok}, std::pair{"one_way_view", Status::Diagnosed}}) {
        CAPTURE(id);
        Run run(failing_on(id));
        run.say(0, syn);
        run.say(10, ack);
        CHECK(run.finish().faults == 0);
        CHECK(run.heard.diagnoses == Diagnoses{{"one_way_view", 1}});
        CHECK(run.pipeline.verdict() == status);
    }
}

TEST_CASE("what --only hides, --fail-on still sees")
{
    PipelineOptions options = failing_on("syn_timeout");
    options.only.insert("packet_loss");
    Run run(options);
    run.drop_syn();
    run.finish();
    CHECK(run.heard.diagnoses.empty());
    CHECK(run.pipeline.verdict() == Status::Diagnosed);
}

TEST_CASE("losses are told once each, and leave --fail-on undecided")
{
    Run run(failing_on("any"));
    run.source.counted.records_lost = 3;
    run.pipeline.on_tick(2 * TT_NSEC_PER_SEC);
    run.pipeline.on_tick(3 * TT_NSEC_PER_SEC);
    CHECK(run.heard.losses == std::vector<std::uint64_t>{3});
    run.source.counted.evidence_lost = 2;
    CHECK(run.finish().records_lost == 5);
    CHECK(run.heard.losses == std::vector<std::uint64_t>{3, 2});
    CHECK(run.pipeline.verdict() == Status::Undecided);
}

TEST_CASE("a connection that two interfaces see is counted once")
{
    Run run;
    for (const double ms : {0.0, 1000.0, 3000.0}) {
        run.say(ms, syn, 1);
        run.say(ms + 0.05, syn, 2);
    }
    const Summary &summary = run.finish();
    CHECK(summary.connections == 1);
    CHECK(summary.faults == 1);
    CHECK(run.heard.diagnoses == Diagnoses{{"syn_timeout", 1}});
}

TEST_CASE("live, connections are those the kernel counted")
{
    PipelineOptions options;
    options.counts_connections = false;
    Run run(options);
    run.drop_syn();
    run.source.counted.connections = 42;
    CHECK(run.finish().connections == 42);
}

TEST_CASE("a healthy connection leaves nothing but a number")
{
    Run run(failing_on("any"));
    run.say(0, syn);
    run.say(10, synack);
    run.say(20, ack);
    run.say(30, {.flags = TT_ACK | TT_PSH, .sequence = 101, .acknowledgment = 901, .length = 50});
    run.say(
        40,
        {.from_client = false, .flags = TT_FIN | TT_ACK, .sequence = 901, .acknowledgment = 151});
    run.say(50, {.flags = TT_FIN | TT_ACK, .sequence = 151, .acknowledgment = 902});
    run.say(60, {.from_client = false, .sequence = 902, .acknowledgment = 152});
    const Summary &summary = run.finish();
    CHECK(run.heard.events.empty());
    CHECK(run.heard.diagnoses.empty());
    CHECK(summary.faults == 0);
    CHECK(summary.connections == 1);
    CHECK(summary.events.empty());
    CHECK(summary.first_ns == TT_NSEC_PER_SEC);
    CHECK(run.pipeline.verdict() == Status::Ok);
}

TEST_CASE("-c ends the run after so many events")
{
    PipelineOptions options;
    options.event_limit = 2;
    Run run(options);
    CHECK(run.say(0, syn));
    CHECK(run.say(1000, syn));
    CHECK_FALSE(run.say(2000, syn));
    run.finish();
    CHECK(run.heard.events.size() == 2);
}

TEST_CASE("a damaged file is told in the summary, and events may be left out")
{
    PipelineOptions options;
    options.events = false;
    Run run(options);
    run.drop_syn();
    run.pipeline.finish(true);
    CHECK(run.heard.events.empty());
    REQUIRE(run.heard.summaries.size() == 1);
    CHECK(run.heard.summaries[0].interrupted);
    CHECK(run.heard.summaries[0].events.at("syn_retransmission") == 2);
    CHECK(run.pipeline.finish_sinks());
}
