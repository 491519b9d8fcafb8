// SPDX-License-Identifier: Apache-2.0
#include "support/knowing.h"
#include "support/pipeline_run.h"

using namespace tcptrace;
using namespace tcptrace::test;

TEST_CASE("a dropped SYN: events, and one diagnosis as it comes")
{
    Run run;
    run.say(0, syn);
    run.say(1000, syn);
    CHECK(run.heard.diagnoses.empty());
    run.say(3000, syn);
    CHECK(run.heard.events.size() == 2);
    run.pipeline.on_tick(5 * TT_NSEC_PER_SEC); // it was not the first of a scan
    CHECK(run.heard.diagnoses == Diagnoses{{"syn_timeout", 1}});
    run.say(7000, syn);
    CHECK(run.finish().faults == 1);
    CHECK(run.heard.diagnoses.size() == 1);
    CHECK(run.heard.summaries[0].events.at("syn_retransmission") == 3);
}

TEST_CASE("time alone makes a diagnosis, by the source's tick")
{
    Run run;
    run.say(0, syn);
    run.pipeline.on_observation(run.story.silence(2000));
    CHECK(run.heard.diagnoses.empty());
    run.pipeline.on_tick(4 * TT_NSEC_PER_SEC);
    run.pipeline.on_tick(5 * TT_NSEC_PER_SEC);
    CHECK(run.heard.diagnoses == Diagnoses{{"syn_timeout", 1}});
}

TEST_CASE("with --diagnose, diagnoses are told at the end only")
{
    PipelineOptions options;
    options.diagnose = true;
    Run run(options);
    run.drop_syn();
    run.pipeline.on_tick(9 * TT_NSEC_PER_SEC);
    CHECK(run.heard.diagnoses.empty());
    run.finish();
    CHECK(run.heard.diagnoses == Diagnoses{{"syn_timeout", 1}});
}

TEST_CASE("what was answered late is taken back")
{
    Run run;
    run.drop_syn();
    run.say(3500, synack);
    run.say(3501, ack);
    const Summary &summary = run.finish();
    CHECK(summary.faults == 0);
    CHECK(summary.diagnoses.empty());
    CHECK(summary.events.contains("syn_retransmission"));
}

TEST_CASE("40 refused connections are told of at 3, when they are no scan, and at 30")
{
    Run run;
    run.refuse(40);
    CHECK(run.heard.diagnoses == Diagnoses{{"connection_refused", 3}, {"connection_refused", 30}});
    const Summary &summary = run.finish();
    CHECK(summary.connections == 40);
    CHECK(summary.faults == 1);
}

TEST_CASE("--only chooses what is told, not what is known")
{
    Run events(telling_only("reset"));
    events.refuse(1);
    events.drop_syn();
    CHECK(events.heard.events == std::vector<std::uint32_t>{TT_RESET});
    CHECK(events.heard.diagnoses.empty());
    CHECK(events.finish().faults == 2);

    Run diagnoses(telling_only("syn_timeout"));
    diagnoses.refuse(1);
    diagnoses.drop_syn();
    CHECK(diagnoses.heard.events.empty());
    diagnoses.pipeline.on_tick(5 * TT_NSEC_PER_SEC);
    CHECK(diagnoses.heard.diagnoses == Diagnoses{{"syn_timeout", 1}});
}

TEST_CASE("a drop is an event, and the cause of the diagnosis")
{
    Run run;
    run.say(0, syn);
    run.pipeline.on_observation(run.story.drop(1000.1, syn, {}));
    CHECK(run.heard.events == std::vector<std::uint32_t>{TT_DROP});
    run.say(1000, syn);
    run.say(3000, syn);
    const Summary &summary = run.finish();
    CHECK(summary.faults == 1);
    CHECK(summary.events.at("drop") == 1);
}

TEST_CASE("drops of other namespaces are evidence, and no flows")
{
    Run run;
    run.pipeline.on_observation(run.story.drop(1000, syn, {.foreign = true}));
    CHECK(run.heard.events.empty());
    run.say(0.1, syn);
    run.pipeline.on_observation(run.story.drop(1001, syn, {.foreign = true}));
    CHECK(run.heard.events == std::vector<std::uint32_t>{TT_DROP});
    CHECK(run.finish().connections == 1);
}

namespace {

// A connection that its server has under another name: 40000 is 50000 there.
struct Translated {
    Knowing knowing;
    Run run{{}, &knowing};
    Story at_server{50000};

    Translated()
    {
        const auto name = [](const Observation &by_client) {
            return Connection{by_client.source(), by_client.destination()};
        };
        const Connection client = name(run.story.at(1, syn));
        const Connection server = name(at_server.at(1, syn));
        knowing.facts.names = {client, server};
    }
};

} // namespace

TEST_CASE("a drop under the name that a NAT gave is of the connection as the client has it")
{
    Translated nat;
    Run &run = nat.run;
    for (const double ms : {0, 1000, 3000}) {
        run.pipeline.on_observation(nat.at_server.drop(1000 + ms, syn, {.foreign = true}));
        run.say(ms + 0.2, syn);
    }
    const Summary &summary = run.finish();
    CHECK(summary.faults == 1);
    CHECK(run.heard.causes == std::vector<std::string>{"filtered_on_this_node"});
}

TEST_CASE("a connection that passes here under two names is one, as the client has it")
{
    Translated nat;
    Run &run = nat.run;
    for (const double ms : {0, 1000, 3000}) {
        run.pipeline.on_observation(nat.at_server.at(1000.2 + ms, syn, 2));
        run.say(ms, syn);
    }
    CHECK(run.finish().faults == 1);
    CHECK(run.heard.ports == std::vector<std::uint16_t>{40000});
}
