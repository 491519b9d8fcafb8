// SPDX-License-Identifier: Apache-2.0
// Every name of contract §5: other programs read them, so they may be added to, not renamed.
#include "render/json.h"
#include "support/capture.h"
#include "support/frames.h"
#include "support/story.h"

#include <nlohmann/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <sstream>

using namespace tcptrace;
using namespace tcptrace::test;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::int64_t wall = 1'767'368'529'002'145'678; // 2026-01-02T15:42:09.002145678Z

// Each line, which must be one whole object.
std::vector<Json> objects(const std::string &lines)
{
    std::vector<Json> found;
    std::istringstream in(lines);
    REQUIRE(lines.ends_with('\n'));
    for (std::string line; std::getline(in, line);)
        found.push_back(Json::parse(line));
    return found;
}

std::vector<std::string> keys(const Json &object)
{
    std::vector<std::string> names;
    for (const auto &item : object.items())
        names.push_back(item.key());
    return names;
}

std::vector<Json> event_of(const Observation &observation)
{
    std::string out;
    append_json_event(out, observation, observation.record.finding.anomalies, wall);
    return objects(out);
}

Diagnosis diagnosis_of(std::uint64_t count)
{
    Diagnosis diagnosis;
    diagnosis.id = "syn_timeout";
    diagnosis.cause = "no_reply";
    diagnosis.error_type = "timed_out";
    diagnosis.suspect = "network";
    diagnosis.locus = "left_this_node";
    diagnosis.confidence = Confidence::Possible;
    diagnosis.count = count;
    diagnosis.last_ns = 1 * TT_NSEC_PER_SEC;
    diagnosis.source = address("10.0.0.1");
    diagnosis.destination = address("10.0.0.2");
    diagnosis.destination_port = 5432;
    diagnosis.summary = "No answer.";
    diagnosis.advice = {"look there"};
    const auto packet = tcp_packet({});
    diagnosis.evidence.emplace_back(view_of(packet));
    return diagnosis;
}

Json json_of(const Diagnosis &diagnosis)
{
    setenv("TZ", "UTC", 1);
    tzset();
    std::string out;
    append_json_diagnosis(out, diagnosis, wall);
    return objects(out).at(0);
}

StartInfo start_info(const char *source)
{
    StartInfo info;
    info.source = source;
    return info;
}

StartInfo live_info()
{
    StartInfo info = start_info("live");
    info.kernel = "6.1.0";
    info.interfaces = {"eth0"};
    info.filter = "port 80";
    info.depth = TT_DEPTH_NOTABLE;
    info.unavailable = {"no BTF: no stack events"};
    return info;
}

} // namespace

TEST_CASE("an event from a file")
{
    Classifier classifier(TT_LINK_RAW);
    const auto first = tcp_packet({.flags = TT_ACK, .sequence = 1, .acknowledgment = 1001});
    const auto closed =
        tcp_packet({.flags = TT_ACK, .sequence = 1, .acknowledgment = 1001, .window = 0});
    tt_record record{};
    REQUIRE(classifier.classify({first, 40, 1}, record));
    REQUIRE(classifier.classify({closed, 40, 2}, record));
    const auto events =
        event_of(Observation{.record = record, .frame = closed, .number = 17, .interface = "eth0"});
    REQUIRE(events.size() == 1);
    CHECK(events[0].dump() ==
          R"({"type":"event","@timestamp":"2026-01-02T15:42:09.002145680Z","event":"zero_window",)"
          R"("witness":"wire","depth":"sequence","interface":{"name":"eth0"},)"
          R"("source":{"ip":"10.0.0.1","port":1000},"destination":{"ip":"10.0.0.2","port":2000},)"
          R"("network":{"transport":"tcp","type":"ipv4",)"
          R"("community_id":"1:gnIa8nKalqcgA8I6ZVqc7wfyheA="},)"
          R"("tcp":{"flags":"[.]","seq":1,"ack":1001,"window":0,"length":0},)"
          R"("packet":{"number":17}})");
}

TEST_CASE("live events: interface, direction, repetition, elapsed; no frame, no window")
{
    Story story;
    const Said syn{.flags = TT_SYN, .sequence = 100};
    story.at(0, syn, 2);
    const auto again = event_of(story.at(1001, syn, 2)).at(0);
    CHECK(again["event"] == "syn_retransmission");
    CHECK(again["interface"] == Json({{"name", "eth0"}, {"index", 2}}));
    CHECK(again["direction"] == "out");
    CHECK(again["repetition"] == 1);
    CHECK(again["elapsed"] == 1.001);
    CHECK(keys(again["tcp"]) == std::vector<std::string>{"flags", "seq", "length"});
    CHECK_FALSE(again.contains("packet"));
    CHECK_FALSE(again.contains("suppressed"));

    const auto stack = event_of(story.stack(1001, syn, TT_SYN_RETRANSMISSION)).at(0);
    CHECK(stack["witness"] == "stack");
}

TEST_CASE("one object for each anomaly; figures with the one they are about")
{
    tt_record record{};
    record.finding = {.anomalies = TT_RESET | TT_LOST_SEGMENT | TT_DUPLICATE_ACK,
                      .number = 3,
                      .elapsed_ns = 5 * TT_NSEC_PER_SEC,
                      .suppressed = 7,
                      .stage = TT_STAGE_CLOSING,
                      .signs = 0,
                      .zero = {}};
    const auto events = event_of(Observation{.record = record});
    REQUIRE(events.size() == 3);
    CHECK(events[0]["event"] == "reset");
    CHECK(events[0]["stage"] == "closing");
    CHECK(events[0]["elapsed"] == 5.0);
    CHECK(events[0]["suppressed"] == 7);
    CHECK_FALSE(events[0].contains("repetition"));
    CHECK(events[1]["event"] == "lost_segment");
    CHECK_FALSE(events[1].contains("stage"));
    CHECK_FALSE(events[1].contains("elapsed"));
    CHECK(events[2]["repetition"] == 3);
}

TEST_CASE("an ICMP error names its sender and the flow it is about")
{
    Classifier classifier(TT_LINK_RAW);
    const auto packet =
        tcp_packet({.source = "10.0.0.9", .destination = "10.0.0.8", .sequence = 77});
    const auto error = icmp_packet("10.0.0.1", "10.0.0.9", 3, 4, 1300, packet);
    tt_record record{};
    REQUIRE(classifier.classify({error, static_cast<std::uint32_t>(error.size()), 1}, record));
    const auto event = event_of(Observation{.record = record, .frame = error}).at(0);
    CHECK(event["event"] == "icmp_error");
    CHECK(event["source"] == Json({{"ip", "10.0.0.8"}, {"port", 2000}}));
    CHECK(event["destination"] == Json({{"ip", "10.0.0.9"}, {"port", 1000}}));
    CHECK(event["tcp"] == Json({{"seq", 77}}));
    CHECK(event["icmp"].dump() == R"({"type":3,"code":4,"reason":"fragmentation needed",)"
                                  R"("mtu":1300,"from":"10.0.0.1"})");
}

TEST_CASE("a drop has the contract's object, as far as it is known")
{
    Story story;
    const Said said{.flags = TT_SYN, .sequence = 100};
    const Json full = event_of(story.drop(0, said, {}))[0];
    CHECK(full["event"] == "drop");
    CHECK(full["witness"] == "stack");
    CHECK(full["interface"]["name"] == "eth1");
    CHECK(full["drop"] == Json::parse(R"({"reason":"NETFILTER_DROP","function":"nft_do_chain",
          "hook":"forward","interface":"eth1","netns":4026532000})"));
    const Json bare = event_of(
        story.drop(0, said, {.name = {"", "ip_error", ""}, .interface = "", .netns = 0}))[0];
    CHECK(bare["drop"] == Json::parse(R"({"function":"ip_error"})"));
    story.at(1000, said);
    CHECK_FALSE(event_of(story.at(2000, said))[0].contains("drop"));
}

TEST_CASE("JSON: the drop that explains a diagnosis, with its rule")
{
    Diagnosis diagnosis = diagnosis_of(1);
    diagnosis.drop = DropTold{.reason = "NETFILTER_DROP",
                              .function = "nft_do_chain",
                              .hook = "input",
                              .rule = "inet filter input tcp dport 80 drop",
                              .interface = "eth0",
                              .netns = 4026532000};
    std::string out;
    append_json_diagnosis(out, diagnosis, wall);
    CHECK(objects(out)[0]["drop"] == Json::parse(R"({"reason":"NETFILTER_DROP",
          "function":"nft_do_chain","hook":"input","rule":"inet filter input tcp dport 80 drop",
          "interface":"eth0","netns":4026532000})"));
    diagnosis.drop.reset();
    out.clear();
    append_json_diagnosis(out, diagnosis, wall);
    CHECK_FALSE(objects(out)[0].contains("drop"));
}

TEST_CASE("JSON: a diagnosis of several connections")
{
    Diagnosis diagnosis = diagnosis_of(12);
    diagnosis.examples = {{{address("10.0.0.1"), 40000}, {address("10.0.0.2"), 5432}}};
    diagnosis.records_lost = 3;
    const Json json = json_of(diagnosis);
    CHECK(keys(json) == std::vector<std::string>{"type", "@timestamp", "error", "diagnosis",
                                                 "source", "destination", "network", "lost",
                                                 "evidence"});
    CHECK(json["error"]["type"] == "timed_out");
    CHECK(keys(json["diagnosis"]) == std::vector<std::string>{"id", "cause", "confidence",
                                                              "severity", "suspect", "locus",
                                                              "count", "first_seen", "last_seen",
                                                              "summary", "advice", "examples"});
    CHECK(json["diagnosis"]["confidence"] == "possible");
    CHECK(json["diagnosis"]["severity"] == "error");
    CHECK(json["diagnosis"]["last_seen"] == "2026-01-02T15:42:10.002145678Z");
    CHECK(json["diagnosis"]["examples"][0]["source"]["port"] == 40000);
    CHECK(json["source"] == Json({{"ip", "10.0.0.1"}}));
    CHECK_FALSE(json["network"].contains("community_id"));
    CHECK(json["evidence"][0] == "15:42:09.002145 IP 10.0.0.1.1000 > 10.0.0.2.2000: Flags [S], "
                                 "seq 1, win 512, length 0");
}

TEST_CASE("JSON: a diagnosis of one connection has its ports and its Community ID")
{
    Diagnosis diagnosis = diagnosis_of(1);
    diagnosis.source_port = 40000;
    const Json json = json_of(diagnosis);
    CHECK(json["source"]["port"] == 40000);
    CHECK(json["network"]["community_id"].get<std::string>().starts_with("1:"));
    CHECK_FALSE(json["diagnosis"].contains("examples"));
}

TEST_CASE("JSON: the process that did it, with its container and pod as far as they are known")
{
    Diagnosis diagnosis = diagnosis_of(1);
    diagnosis.who = "pid 4242 api";
    diagnosis.process.emplace();
    diagnosis.process->pid = 4242;
    diagnosis.process->name = "api";
    Json json = json_of(diagnosis);
    CHECK(json["diagnosis"]["who"] == "pid 4242 api");
    CHECK(json["process"] == Json({{"pid", 4242}, {"name", "api"}}));
    CHECK_FALSE(json.contains("container"));
    CHECK_FALSE(json.contains("k8s"));
    diagnosis.process->container = "3f9c";
    diagnosis.process->pod_namespace = "production";
    diagnosis.process->pod = "api-b";
    json = json_of(diagnosis);
    CHECK(json["container"]["id"] == "3f9c");
    CHECK(json["k8s"] ==
          Json::parse(R"({"namespace":{"name":"production"},"pod":{"name":"api-b"}})"));
}

TEST_CASE("JSON: between which two captures it was lost")
{
    Diagnosis diagnosis = diagnosis_of(1);
    CHECK_FALSE(json_of(diagnosis)["diagnosis"].contains("lost"));
    diagnosis.lost_between = LostBetween{{"client.pcap", "server.pcap"}, "to_responder"};
    CHECK(json_of(diagnosis)["diagnosis"]["lost"] ==
          Json{{"between", {"client.pcap", "server.pcap"}}, {"direction", "to_responder"}});
}

TEST_CASE("what is not known is absent")
{
    Diagnosis diagnosis;
    diagnosis.id = "one_way_view";
    const Json json = json_of(diagnosis);
    CHECK(keys(json) == std::vector<std::string>{"type", "@timestamp", "diagnosis", "network"});
    CHECK_FALSE(json["diagnosis"].contains("cause"));
    CHECK_FALSE(json["diagnosis"].contains("locus"));
}

TEST_CASE("start")
{
    std::string out;
    append_json_start(out, start_info("a.pcap"), "0.1.0", wall);
    append_json_start(out, live_info(), "0.1.0", wall);
    const auto starts = objects(out);
    CHECK(keys(starts[0]) ==
          std::vector<std::string>{"type", "@timestamp", "schema", "version", "input", "depth"});
    CHECK(starts[0]["schema"] == 1);
    CHECK(keys(starts[1]) == std::vector<std::string>{"type", "@timestamp", "schema", "version",
                                                      "kernel", "input", "interfaces", "filter",
                                                      "depth", "unavailable"});
}

TEST_CASE("lost and summary")
{
    Summary summary;
    summary.time_ns = 2 * TT_NSEC_PER_SEC;
    summary.packets = 10;
    summary.handshake = Percentiles{.p50 = 0.1, .p90 = 0.2, .p99 = 0.3, .count = 4};
    summary.events = {{"reset", 1}};
    summary.records_lost = 5;
    std::string out;
    append_json_lost(out, 5, 0, wall);
    append_json_summary(out, summary, wall);
    append_json_summary(out, {}, wall);
    const auto lines = objects(out);
    CHECK(lines[0]["type"] == "lost");
    CHECK(lines[0]["lost"] == 5);
    CHECK(keys(lines[1]) == std::vector<std::string>{"type", "@timestamp", "verdict", "duration",
                                                     "packets", "connections", "handshake_seconds",
                                                     "events", "diagnoses", "faults", "lost",
                                                     "cpu_seconds", "counters"});
    CHECK(lines[1]["verdict"] == "undecided");
    CHECK(lines[1]["duration"] == 2.0);
    CHECK(lines[1]["events"]["reset"] == 1);
    CHECK(lines[1]["handshake_seconds"]["p99"] == 0.3);
    CHECK(lines[2]["events"] == Json::object());
    CHECK(lines[2]["diagnoses"] == Json::object());
}

TEST_CASE("bytes that are no UTF-8 are replaced")
{
    Diagnosis diagnosis = diagnosis_of(1);
    diagnosis.summary = "a\xff\nb";
    CHECK(json_of(diagnosis)["diagnosis"]["summary"] == "a\xef\xbf\xbd\nb");
}
