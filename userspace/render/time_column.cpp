// SPDX-License-Identifier: Apache-2.0
#include "render/time_column.h"

#include <fmt/format.h>

#include <ctime>
#include <iterator>

namespace tcptrace {

namespace {

constexpr std::int64_t ns_per_us = 1000;
constexpr std::int64_t ns_per_second = 1'000'000'000;

// ".123456 " or, in full, ".123456789 "
void append_fraction(std::string &out, std::int64_t ns, bool in_full)
{
    if (in_full)
        fmt::format_to(std::back_inserter(out), ".{:09} ", ns % ns_per_second);
    else
        fmt::format_to(std::back_inserter(out), ".{:06} ", ns % ns_per_second / ns_per_us);
}

void append_time_of_day(std::string &out, const std::tm &time)
{
    fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", time.tm_hour, time.tm_min,
                   time.tm_sec);
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

void append_difference(std::string &out, std::int64_t ns, bool in_full)
{
    const std::int64_t size = ns < 0 ? -ns : ns;

    out += ns < 0 ? '-' : ' ';
    append_time_of_day(out, utc_time(size / ns_per_second));
    append_fraction(out, size, in_full);
}

} // namespace

void TimeColumn::append(std::string &out, std::uint64_t unix_ns)
{
    // Differences are taken of what is printed, not of what is known.
    const std::uint64_t unit = nanoseconds_ ? 1 : ns_per_us;
    const auto ns = static_cast<std::int64_t>(unix_ns / unit * unit);
    const std::int64_t seconds = ns / ns_per_second;

    switch (style_) {
    case TimeStyle::None:
        break;
    case TimeStyle::Default:
        append_time_of_day(out, local_time(seconds));
        append_fraction(out, ns, nanoseconds_);
        break;
    case TimeStyle::Unix:
        out += fmt::to_string(seconds);
        append_fraction(out, ns, nanoseconds_);
        break;
    case TimeStyle::DateTime: {
        const std::tm time = local_time(seconds);
        fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02} ", time.tm_year + 1900,
                       time.tm_mon + 1, time.tm_mday);
        append_time_of_day(out, time);
        append_fraction(out, ns, nanoseconds_);
        break;
    }
    case TimeStyle::Delta:
        append_difference(out, ns - (reference_ns_ != 0 ? reference_ns_ : ns), nanoseconds_);
        reference_ns_ = ns;
        break;
    case TimeStyle::SinceFirst:
        if (reference_ns_ == 0)
            reference_ns_ = ns;
        append_difference(out, ns - reference_ns_, nanoseconds_);
        break;
    }
}

void append_clock(std::string &out, std::uint64_t unix_ns)
{
    append_time_of_day(out, local_time(static_cast<std::int64_t>(unix_ns) / ns_per_second));
}

void append_rfc3339(std::string &out, std::uint64_t unix_ns)
{
    const auto ns = static_cast<std::int64_t>(unix_ns);
    const std::tm time = utc_time(ns / ns_per_second);
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z",
                   time.tm_year + 1900, time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min,
                   time.tm_sec, ns % ns_per_second);
}

} // namespace tcptrace
