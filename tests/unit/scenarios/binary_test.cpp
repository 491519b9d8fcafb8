// SPDX-License-Identifier: Apache-2.0
// World 3: each scenario as a capture file through the finished binary.
#include "support/scenario_frame.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <set>
#include <unistd.h>
#include <utility>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

struct Run {
    std::vector<nlohmann::json> lines;
    int status = 0;
};

Run run_on(const Scenario &scenario)
{
    const auto path = std::filesystem::temp_directory_path() /
                      (scenario.name + "." + std::to_string(getpid()) + ".pcap");
    write_capture(scenario, path);
    Run run;
    std::FILE *pipe =
        popen((TCPTRACE_BINARY " --diagnose -v --json -r '" + path.string() + "'").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
        if (c != '\n')
            text += static_cast<char>(c);
        else
            run.lines.push_back(nlohmann::json::parse(std::exchange(text, {})));
    }
    run.status = pclose(pipe);
    std::filesystem::remove(path);
    return run;
}

std::string detail_of(const nlohmann::json &event)
{
    if (event.contains("stage"))
        return event["stage"];
    if (event.contains("repetition"))
        return std::to_string(event["repetition"].get<unsigned>());
    return {};
}

// The place of each frame, and of the silence before it, among the steps.
class Places {
public:
    explicit Places(const Scenario &scenario)
    {
        for (std::size_t i = 0; i < scenario.steps.size(); i++)
            (scenario.steps[i].kind == Step::Kind::Silence ? silences_ : frames_).push_back(i);
    }
    std::size_t of_event(const nlohmann::json &event)
    {
        if (event.contains("packet"))
            return frames_.at(event["packet"]["number"].get<std::size_t>() - 1);
        REQUIRE(next_silence_ < silences_.size());
        return silences_[next_silence_++];
    }

private:
    std::vector<std::size_t> frames_;
    std::vector<std::size_t> silences_;
    std::size_t next_silence_ = 0;
};

void check(const Scenario &scenario)
{
    const Run run = run_on(scenario);
    Places places(scenario);
    std::vector<std::vector<Told>> told(scenario.steps.size());
    std::set<std::pair<std::string, std::string>> diagnoses;

    CHECK(run.status == 0);
    for (const auto &line : run.lines) {
        if (line["type"] == "event")
            told[places.of_event(line)].push_back(
                {static_cast<tt_anomaly>(anomaly_by_id(line["event"].get<std::string>())),
                 detail_of(line)});
        if (line["type"] == "diagnosis")
            diagnoses.emplace(line["diagnosis"]["id"].get<std::string>(),
                              line["diagnosis"].value("cause", ""));
    }
    for (const std::string &difference : differences(scenario, told))
        FAIL_CHECK(difference);
    for (const auto &expected : scenario.diagnoses)
        if (!diagnoses.contains(expected))
            FAIL_CHECK("no diagnosis " << expected.first << " " << expected.second);
    for (const auto &made : diagnoses)
        if (std::ranges::find(scenario.diagnoses, made) == scenario.diagnoses.end())
            FAIL_CHECK("diagnosis " << made.first << " " << made.second << " is not expected");
}

} // namespace

TEST_CASE("every scenario, as a file through the binary")
{
    if (!std::filesystem::exists(TCPTRACE_BINARY))
        SKIP("tcptrace is not built");
    for (const Scenario &scenario : all_scenarios()) {
        DYNAMIC_SECTION(scenario.name)
        {
            check(scenario);
        }
    }
}
