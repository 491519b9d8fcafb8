// SPDX-License-Identifier: Apache-2.0
#include "render/time_column.h"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <ctime>

using namespace tcptrace;

namespace {

constexpr std::uint64_t moment = 1'767'368'529'002'145'678; // 2026-01-02T15:42:09.002145678Z
constexpr std::uint64_t second = 1'000'000'000;

std::string text(TimeColumn &column, std::uint64_t unix_ns)
{
    std::string out;
    column.append(out, unix_ns);
    return out;
}

std::string text(TimeStyle style, std::uint64_t unix_ns)
{
    TimeColumn column(style);
    return text(column, unix_ns);
}

void set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

} // namespace

TEST_CASE("styles that need no memory")
{
    set_zone("UTC");
    CHECK(text(TimeStyle::Default, moment) == "15:42:09.002145 ");
    CHECK(text(TimeStyle::None, moment).empty());
    CHECK(text(TimeStyle::Unix, moment) == "1767368529.002145 ");
    CHECK(text(TimeStyle::DateTime, moment) == "2026-01-02 15:42:09.002145 ");
    set_zone("Asia/Kolkata");
    CHECK(text(TimeStyle::Default, moment) == "21:12:09.002145 ");
    CHECK(text(TimeStyle::DateTime, moment + 4 * 3600 * second) == "2026-01-03 01:12:09.002145 ");
}

TEST_CASE("since the line before, and since the first")
{
    TimeColumn delta(TimeStyle::Delta);
    CHECK(text(delta, moment) == " 00:00:00.000000 ");
    CHECK(text(delta, moment + 5 * second) == " 00:00:05.000000 ");
    CHECK(text(delta, moment + 4 * second) == "-00:00:01.000000 ");

    TimeColumn first(TimeStyle::SinceFirst);
    CHECK(text(first, moment) == " 00:00:00.000000 ");
    CHECK(text(first, moment + 5 * second) == " 00:00:05.000000 ");
    CHECK(text(first, moment + 3725 * second) == " 01:02:05.000000 ");
}

TEST_CASE("a clock and an RFC 3339 time")
{
    set_zone("Asia/Kolkata");
    std::string out;
    append_clock(out, moment);
    out += ' ';
    append_rfc3339(out, moment);
    CHECK(out == "21:12:09 2026-01-02T15:42:09.002145678Z");
}
