// SPDX-License-Identifier: Apache-2.0
// A connection told segment by segment, and what each detector says of it: for tests of
// detect/. Client 192.0.2.1:40000, initial sequence number 100; server 192.0.2.2:80, 900.
#pragma once

#include "detect/detector.h"
#include "support/story.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace tcptrace::test {

inline constexpr Said syn{.flags = TT_SYN, .sequence = 100};
inline constexpr Said synack{
    .from_client = false, .flags = TT_SYN | TT_ACK, .sequence = 900, .acknowledgment = 101};
inline constexpr Said ack{.sequence = 101, .acknowledgment = 901};
inline constexpr Said refusal{
    .from_client = false, .flags = TT_RST | TT_ACK, .acknowledgment = 101, .window = 0};

inline constexpr Said data(std::uint32_t from, std::uint32_t length)
{
    return {.flags = TT_ACK | TT_PSH, .sequence = from, .acknowledgment = 901, .length = length};
}

inline constexpr Said answer(std::uint32_t acknowledgment, std::uint16_t window = 502)
{
    return {
        .from_client = false, .sequence = 901, .acknowledgment = acknowledgment, .window = window};
}

inline constexpr Said reset(bool from_client = false)
{
    return {.from_client = from_client,
            .flags = TT_RST | TT_ACK,
            .sequence = from_client ? 101U : 901U,
            .acknowledgment = from_client ? 901U : 101U};
}

// A connection, and what is said of it. All begins at second 1: time 0 means "never".
class Judged {
public:
    explicit Judged(std::uint16_t client_port = 40000) : story_(client_port) {}

    Judged &say(double ms, const Said &said, std::uint32_t ifindex = 1)
    {
        return take(story_.at(1000 + ms, said, ifindex));
    }
    Judged &icmp(double ms, const Said &quoted, std::uint8_t type, std::uint8_t code)
    {
        return take(story_.icmp(1000 + ms, quoted, type, code));
    }
    Judged &stack(double ms, const Said &said, std::uint32_t anomalies)
    {
        return take(story_.stack(1000 + ms, said, anomalies));
    }
    Judged &unsent(double ms, const Said &said, std::uint8_t error)
    {
        return take(story_.unsent(1000 + ms, said, error));
    }
    Judged &connect_failed(double ms) { return take(story_.connect_failed(1000 + ms)); }
    Judged &drop(const DropSeen &seen)
    {
        flow_->learn(seen);
        return *this;
    }
    Judged &stack_reset(double ms, tt_stage stage, const tt_stack_view &view,
                        bool from_client = false)
    {
        return take(story_.stack_reset(1000 + ms, from_client, stage, view));
    }
    // Live, on a kernel that tells of all resets.
    Judged &live()
    {
        story_.stack_tells_resets = true;
        return *this;
    }
    Judged &learn(const HostFacts &facts)
    {
        flow_->learn(facts);
        return *this;
    }
    Judged &silence(double ms) { return take(story_.silence(1000 + ms)); }
    Judged &handshake() { return say(0, syn).say(10, synack).say(20, ack); }

    // The cause at `ms`, "-" for a verdict without one, "none" for no verdict. What is said is
    // also put into words.
    [[nodiscard]] std::string of(std::string_view id, double ms, bool ending = false) const
    {
        return told(id, ms, ending).cause;
    }
    struct Told {
        std::string cause;
        Confidence confidence = Confidence::Possible;
        Diagnosis words{};
    };
    [[nodiscard]] Told told(std::string_view id, double ms, bool ending = false) const
    {
        const auto said = verdict(id, ms, ending);
        if (!said)
            return {.cause = "none"};
        Diagnosis words;
        detector(id).describe(*flow_, moment(ms, ending), *said, words);
        CHECK_FALSE((words.summary.empty() || words.what.empty() || words.why.empty()));
        return {.cause = said->cause.empty() ? "-" : std::string(said->cause),
                .confidence = said->confidence,
                .words = std::move(words)};
    }
    [[nodiscard]] std::optional<Verdict> verdict(std::string_view id, double ms,
                                                 bool ending = false) const
    {
        return detector(id).judge(*flow_, moment(ms, ending));
    }
    [[nodiscard]] const Flow &flow() const { return *flow_; }

private:
    static const Detector &detector(std::string_view id)
    {
        const auto found =
            std::ranges::find(detectors(), id, [](const auto &each) { return each->id(); });
        REQUIRE(found != detectors().end());
        return **found;
    }
    static Moment moment(double ms, bool ending)
    {
        return {.now_ns = static_cast<std::uint64_t>((1000 + ms) * 1e6), .ending = ending};
    }
    Judged &take(const Observation &observation)
    {
        if (!flow_)
            flow_.emplace(observation);
        flow_->update(observation);
        return *this;
    }
    Story story_;
    std::optional<Flow> flow_;
};

} // namespace tcptrace::test
