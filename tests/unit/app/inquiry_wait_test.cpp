// SPDX-License-Identifier: Apache-2.0
// A verdict waits for what this machine knows, and is made again when it is known.
#include "support/knowing.h"
#include "support/pipeline_run.h"

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

const Diagnoses told_once{{"syn_timeout", 1}};

} // namespace

TEST_CASE("a verdict is told when the machine has answered")
{
    Knowing machine;
    Run run({}, &machine);
    run.drop_syn();
    REQUIRE(machine.asked.size() == 1);
    run.pipeline.on_tick(4 * TT_NSEC_PER_SEC + TT_NSEC_PER_SEC / 2);
    CHECK(run.heard.diagnoses.empty());
    machine.answer();
    run.pipeline.on_tick(4 * TT_NSEC_PER_SEC + 600 * TT_NSEC_PER_MSEC);
    run.pipeline.on_tick(6 * TT_NSEC_PER_SEC);
    CHECK(run.heard.diagnoses == told_once);
}

TEST_CASE("a verdict is told without an answer, when none comes in time")
{
    Knowing machine;
    Run run({}, &machine);
    run.drop_syn();
    run.pipeline.on_tick(5 * TT_NSEC_PER_SEC + 1);
    run.pipeline.on_tick(7 * TT_NSEC_PER_SEC);
    CHECK(run.heard.diagnoses == told_once);
}

TEST_CASE("nobody is asked about a connection that is well, nor by a file")
{
    Knowing machine;
    Run run({}, &machine);
    run.say(0, syn);
    run.say(10, synack);
    run.say(20, ack);
    run.finish();
    CHECK(machine.asked.empty());
}

TEST_CASE("at the end, what has been silent so far is asked about, and the answer is waited for")
{
    Knowing machine;
    Run run({}, &machine);
    run.say(0, syn);
    run.pipeline.on_observation(run.story.silence(2000)); // no verdict yet: 3 s would be one
    CHECK(machine.asked.empty());
    machine.facts.ends[0].emplace();
    machine.facts.ends[0]->route = RouteFact{.kind = RouteKind::Blackhole, .interface = {}};
    CHECK(run.finish().faults == 1);
    CHECK(machine.asked.size() == 1);
}

TEST_CASE("an answer that takes a verdict's reason away takes the verdict back")
{
    Knowing machine;
    PipelineOptions options;
    options.diagnose = true;
    Run run(options, &machine);
    run.drop_syn();
    run.pipeline.on_tick(4 * TT_NSEC_PER_SEC);
    run.say(3500, synack);
    run.say(3501, ack);
    machine.answer();
    CHECK(run.finish().faults == 0);
}
