// SPDX-License-Identifier: Apache-2.0
#include "app/write_options.h"

#include "app/option_values.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>

namespace tcptrace {

namespace {

// "5": millions of bytes; "5k", "5m", "5g": powers of 1024, as tcpdump from 4.99.6 on.
Result<std::uint64_t> parse_size(std::string_view text)
{
    struct Unit {
        char letter;
        std::uint64_t bytes;
    };
    constexpr std::array units{Unit{'k', 1ULL << 10}, Unit{'m', 1ULL << 20}, Unit{'g', 1ULL << 30}};
    std::uint64_t unit = 1'000'000;
    std::string_view digits = text;

    for (const Unit &known : units) {
        if (!text.empty() && (text.back() | 0x20) == known.letter) {
            unit = known.bytes;
            digits.remove_suffix(1);
        }
    }
    const auto number = parse_number("-C", digits);
    if (!number || *number > std::numeric_limits<std::int64_t>::max() / unit)
        return fail(Status::Usage, fmt::format("-C takes a size, not \"{}\"", text),
                    "write millions of bytes, or 500k, 10m, 1g");
    return *number * unit;
}

Result<unsigned> parse_percent(std::string_view text)
{
    const std::string_view digits = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
    if (digits == "0")
        return 0;
    const auto number = parse_number("--min-free", digits);
    if (!number || *number > 99)
        return fail(Status::Usage,
                    fmt::format("--min-free takes a share of the file system, not \"{}\"", text),
                    "write 5% or 0%");
    return static_cast<unsigned>(*number);
}

Result<void> read_numbers(const WriteWords &words, WriteOptions &options)
{
    constexpr std::uint64_t longest = 100ULL * 365 * 86400;

    if (words.size) {
        const auto size = parse_size(*words.size);
        if (!size)
            return std::unexpected(size.error());
        options.file_bytes = *size;
    }
    if (words.time) {
        const auto time = parse_number("-G", *words.time);
        if (!time)
            return std::unexpected(time.error());
        options.file_time = std::chrono::seconds(std::min(*time, longest));
    }
    if (words.count) {
        const auto count = parse_number("-W", *words.count);
        if (!count)
            return std::unexpected(count.error());
        options.file_count = *count;
    }
    if (words.min_free) {
        const auto percent = parse_percent(*words.min_free);
        if (!percent)
            return std::unexpected(percent.error());
        options.min_free_percent = *percent;
    }
    return {};
}

} // namespace

Result<WriteOptions> understand_write(const WriteWords &words)
{
    WriteOptions options;

    if (words.file && words.file->empty())
        return fail(Status::Usage, "-w needs a value that is not empty");
    options.file = words.file.value_or("");
    options.user = words.user.value_or("");
    options.each_packet = words.each_packet;
    options.on_anomaly = words.on_anomaly;
    if (!words.file) {
        for (const auto &[name, given] :
             {std::pair{"-C", words.size.has_value()}, std::pair{"-G", words.time.has_value()},
              std::pair{"-W", words.count.has_value()}, std::pair{"--on-anomaly", words.on_anomaly},
              std::pair{"--min-free", words.min_free.has_value()}}) {
            if (given)
                return fail(Status::Usage, fmt::format("{} does not go without -w", name),
                            "it says how the file of -w is written");
        }
    }
    if (options.file == "-" && (words.size || words.time))
        return fail(Status::Usage,
                    fmt::format("-w - does not go with {}", words.size ? "-C" : "-G"),
                    "standard output is one file");
    if (auto read = read_numbers(words, options); !read)
        return std::unexpected(read.error());
    return options;
}

} // namespace tcptrace
