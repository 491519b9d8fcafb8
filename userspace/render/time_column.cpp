// SPDX-License-Identifier: Apache-2.0
#include "render/time_column.h"

#include <fmt/format.h>

#include <ctime>
#include <iterator>

namespace tcptrace {

namespace {

constexpr std::int64_t us_per_second = 1'000'000;
constexpr std::uint64_t ns_per_second = 1'000'000'000;

void append_time_of_day(std::string &out, const std::tm &time, std::int64_t microseconds)
{
    fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}.{:06} ", time.tm_hour, time.tm_min,
                   time.tm_sec, microseconds);
}

std::tm local_time(std::int64_t seconds)
{
    const std::time_t time = seconds;
    std::tm parts{};
    ::localtime_r(&time, &parts);
    return parts;
}

std::tm utc_time(std::int64_t seconds)
{
    const std::time_t time = seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return parts;
}

void append_difference(std::string &out, std::int64_t us)
{
    const std::int64_t size = us < 0 ? -us : us;

    out += us < 0 ? '-' : ' ';
    append_time_of_day(out, utc_time(size / us_per_second), size % us_per_second);
}

} // namespace

void TimeColumn::append(std::string &out, std::uint64_t unix_ns)
{
    const auto us = static_cast<std::int64_t>(unix_ns / 1000);
    const std::int64_t seconds = us / us_per_second;

    switch (style_) {
    case TimeStyle::None:
        break;
    case TimeStyle::Default:
        append_time_of_day(out, local_time(seconds), us % us_per_second);
        break;
    case TimeStyle::Unix:
        fmt::format_to(std::back_inserter(out), "{}.{:06} ", seconds, us % us_per_second);
        break;
    case TimeStyle::DateTime: {
        const std::tm time = local_time(seconds);
        fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02} ", time.tm_year + 1900,
                       time.tm_mon + 1, time.tm_mday);
        append_time_of_day(out, time, us % us_per_second);
        break;
    }
    case TimeStyle::Delta:
        append_difference(out, us - (reference_us_ != 0 ? reference_us_ : us));
        reference_us_ = us;
        break;
    case TimeStyle::SinceFirst:
        if (reference_us_ == 0)
            reference_us_ = us;
        append_difference(out, us - reference_us_);
        break;
    }
}

void append_clock(std::string &out, std::uint64_t unix_ns)
{
    const std::tm time = local_time(static_cast<std::int64_t>(unix_ns / ns_per_second));
    fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", time.tm_hour, time.tm_min,
                   time.tm_sec);
}

void append_rfc3339(std::string &out, std::uint64_t unix_ns)
{
    const std::tm time = utc_time(static_cast<std::int64_t>(unix_ns / ns_per_second));
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z",
                   time.tm_year + 1900, time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min,
                   time.tm_sec, unix_ns % ns_per_second);
}

} // namespace tcptrace
