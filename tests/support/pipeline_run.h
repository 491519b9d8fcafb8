// SPDX-License-Identifier: Apache-2.0
// A pipeline with a source that says nothing by itself and a sink that remembers: tests
// tell it stories.
#pragma once

#include "app/pipeline.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tcptrace::test {

inline constexpr Said syn{.flags = TT_SYN, .sequence = 100};
inline constexpr Said synack{
    .from_client = false, .flags = TT_SYN | TT_ACK, .sequence = 900, .acknowledgment = 101};
inline constexpr Said ack{.sequence = 101, .acknowledgment = 901};
inline constexpr Said refusal{
    .from_client = false, .flags = TT_RST | TT_ACK, .acknowledgment = 101, .window = 0};

struct Silent : Source {
    Result<void> run(Handler &) override { return {}; }
    [[nodiscard]] bool waits() const override { return false; }
    [[nodiscard]] std::int64_t wall_offset_ns() const override { return 0; }
    [[nodiscard]] tt_counters counters() const override { return counted; }
    [[nodiscard]] std::uint64_t bytes() const override { return 0; }
    [[nodiscard]] std::optional<Percentiles> handshake() const override { return std::nullopt; }
    tt_counters counted{};
};

struct Heard {
    std::vector<std::uint32_t> events;
    std::vector<std::pair<std::string, std::uint64_t>> diagnoses; // id, count
    std::vector<std::string> causes;                              // of the diagnoses
    std::vector<std::uint16_t> ports;                             // of the clients
    std::vector<std::uint64_t> losses;
    std::vector<Summary> summaries;
};

class Recorder : public Sink {
public:
    explicit Recorder(Heard &heard) : heard_(heard) {}
    void start(const StartInfo &) override {}
    void event(const Observation &, std::uint32_t told) override { heard_.events.push_back(told); }
    void packet(const Observation &, std::uint32_t) override {}
    void diagnosis(const Diagnosis &diagnosis) override
    {
        heard_.diagnoses.emplace_back(diagnosis.id, diagnosis.count);
        heard_.causes.emplace_back(diagnosis.cause);
        heard_.ports.push_back(diagnosis.source_port.value_or(0));
    }
    void lost(std::uint64_t records, std::uint64_t) override { heard_.losses.push_back(records); }
    void summary(const Summary &summary) override { heard_.summaries.push_back(summary); }
    [[nodiscard]] Result<void> finish() override { return {}; }

private:
    Heard &heard_;
};

using Diagnoses = std::vector<std::pair<std::string, std::uint64_t>>;

// A pipeline whose clock begins at second 1.
struct Run {
    explicit Run(PipelineOptions options = {}, Inquirer *inquirer = nullptr)
        : pipeline(std::move(options), sinks(), source, inquirer)
    {
        StartInfo info;
        info.time_ns = TT_NSEC_PER_SEC;
        static_cast<void>(pipeline.on_start(info));
    }
    std::vector<std::unique_ptr<Sink>> sinks()
    {
        std::vector<std::unique_ptr<Sink>> all;
        all.push_back(std::make_unique<Recorder>(heard));
        return all;
    }
    bool say(double ms, const Said &said, std::uint32_t ifindex = 1)
    {
        return pipeline.on_observation(story.at(1000 + ms, said, ifindex));
    }
    void drop_syn()
    {
        for (const double ms : {0, 1000, 3000})
            say(ms, syn);
    }
    // So many connections from different ports are refused.
    void refuse(std::uint16_t connections)
    {
        for (std::uint16_t i = 0; i < connections; i++) {
            Story &each = others.emplace_back(static_cast<std::uint16_t>(41000 + i));
            pipeline.on_observation(each.at(1000 + i, syn));
            pipeline.on_observation(each.at(1000.5 + i, refusal));
        }
    }
    const Summary &finish()
    {
        pipeline.finish(false);
        REQUIRE(heard.summaries.size() == 1);
        return heard.summaries[0];
    }

    Story story;
    std::deque<Story> others;
    Silent source;
    Heard heard;
    Pipeline pipeline;
};

inline PipelineOptions telling_only(std::string id)
{
    PipelineOptions options;
    options.only.insert(std::move(id));
    return options;
}

inline PipelineOptions failing_on(std::string id)
{
    PipelineOptions options;
    options.fail_on.insert(std::move(id));
    return options;
}

} // namespace tcptrace::test
