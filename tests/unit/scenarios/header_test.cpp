// SPDX-License-Identifier: Apache-2.0
// World 1: each scenario through the contract's headers, as frames.
#include "source/file_settings.h"
#include "support/scenario_frame.h"

#include <tcptrace/read_segment.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

struct Before {
    bool operator()(const tt_flow_key &a, const tt_flow_key &b) const
    {
        return std::memcmp(&a, &b, sizeof(a)) < 0;
    }
};

class World {
public:
    explicit World(const Scenario &scenario) : scenario_(scenario) {}

    std::vector<std::vector<Told>> play()
    {
        std::vector<std::vector<Told>> told;
        for (const Step &step : scenario_.steps) {
            std::vector<Told> here = pass_time(step.time_ns);
            if (step.kind != Step::Kind::Silence)
                std::ranges::copy(receive(step), std::back_inserter(here));
            told.push_back(std::move(here));
        }
        return told;
    }

private:
    std::vector<Told> pass_time(std::uint64_t now)
    {
        std::vector<Told> told;
        for (auto &[key, state] : states_) {
            tt_finding finding;
            tt_expire(&state, now, &settings_, &finding);
            std::ranges::copy(told_of(finding), std::back_inserter(told));
        }
        return told;
    }

    std::vector<Told> receive(const Step &step)
    {
        const tt_link link = link_of(scenario_);
        const auto frame = frame_of(scenario_, step, link);
        const std::uint8_t *end = frame.data() + frame.size();
        tt_headers headers{};
        tt_packet packet;
        tt_flow_key key;
        tt_finding finding;

        REQUIRE(tt_find_headers(frame.data(), end, static_cast<tt_u32>(frame.size()), link,
                                &headers) == TT_PARSED);
        REQUIRE(tt_read_packet(&headers, end, &packet) == TT_PARSED);
        const auto sender =
            tt_flow_key_make(&key, &packet.ends, packet.segment.family, step.ifindex, step.way);
        const auto [at, is_new] = states_.try_emplace(key);
        if (is_new)
            tt_flow_state_init(&at->second, step.time_ns);
        tt_classify(&at->second, sender, &packet.segment, step.time_ns, &settings_, &finding);
        return told_of(finding);
    }

    const Scenario &scenario_;
    tt_settings settings_ = [] {
        tt_settings quiet = file_settings;
        quiet.evidence = 0;
        return quiet;
    }();
    std::map<tt_flow_key, tt_flow_state, Before> states_;
};

} // namespace

TEST_CASE("every scenario, through the headers as C++")
{
    for (const Scenario &scenario : all_scenarios()) {
        DYNAMIC_SECTION(scenario.name)
        {
            for (const std::string &difference : differences(scenario, World(scenario).play()))
                FAIL_CHECK(difference);
        }
    }
}

TEST_CASE("every event of a segment has a scenario")
{
    std::uint32_t told = TT_DROP; // the kernel's word, of no segment on a wire
    for (const Scenario &scenario : all_scenarios())
        for (const Step &step : scenario.steps)
            for (const Told &each : step.expected)
                told |= each.anomaly;
#define TT_HAS_SCENARIO(bit, NAME, id) \
    INFO(#id);                         \
    CHECK((told & TT_##NAME) != 0);
    TT_ANOMALIES(TT_HAS_SCENARIO)
#undef TT_HAS_SCENARIO
}
