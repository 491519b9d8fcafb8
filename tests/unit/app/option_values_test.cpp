// SPDX-License-Identifier: Apache-2.0
#include "app/option_values.h"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <optional>
#include <string_view>

using namespace tcptrace;

namespace {

std::optional<std::chrono::nanoseconds> duration(std::string_view text)
{
    const auto parsed = parse_duration(text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

} // namespace

TEST_CASE("durations have a unit, or are seconds")
{
    using namespace std::chrono_literals;
    CHECK(duration("30") == 30s);
    CHECK(duration("30s") == 30s);
    CHECK(duration("500ms") == 500ms);
    CHECK(duration("0.25s") == 250ms);
    CHECK(duration("2m") == 2min);
    CHECK(duration("1h") == 1h);
    for (const char *text :
         {"", "s", "0", "0s", "-1s", "1 s", "1d", "1e3", "nan", "inf", "9999999h"})
        CHECK_FALSE(duration(text));
}

TEST_CASE("ids of events and of diagnoses; one may name both")
{
    const auto ids = [](std::string_view text, Ids which) {
        const auto parsed = parse_ids("--only", text, which);
        return parsed ? parsed->size() : 0;
    };
    CHECK(ids("zero_window", Ids::EventsAndDiagnoses) == 1);
    CHECK(ids("zero_window", Ids::Diagnoses) == 1);
    CHECK(ids("syn_timeout,reset,reset", Ids::EventsAndDiagnoses) == 2);
    CHECK(ids("any", Ids::Diagnoses) == 1);
    CHECK(ids("any", Ids::EventsAndDiagnoses) == 0);
    CHECK(ids("duplicate_ack", Ids::Diagnoses) == 0);
    CHECK(ids("syn_timeout,", Ids::Diagnoses) == 0);
}

TEST_CASE("a wrong id is answered by the ids near it, or by all")
{
    const auto hint = [](std::string_view text) {
        const auto parsed = parse_ids("--only", text, Ids::Diagnoses);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().status == Status::Usage);
        return parsed.error().hint;
    };
    CHECK(hint("packet_los") == "near it: packet_loss");
    CHECK(hint("reset") == "near it: reset_after_data, reset_after_handshake");
    CHECK(hint("zzz").starts_with("it takes connection_refused, "));
}
