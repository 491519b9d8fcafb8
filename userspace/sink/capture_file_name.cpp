// SPDX-License-Identifier: Apache-2.0
#include "sink/capture_file_name.h"

#include <fmt/format.h>

#include <array>
#include <climits>

namespace tcptrace {

namespace {

// strftime() says 0 for "too long" and for "nothing" alike; a mark in front tells them apart.
Result<std::string> with_time(const std::string &pattern, std::time_t time)
{
    std::array<char, PATH_MAX + 2> text{};
    std::tm local{};

    localtime_r(&time, &local);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" // it is the user's to choose
    const std::size_t length =
        std::strftime(text.data(), text.size(), ("." + pattern).c_str(), &local);
#pragma GCC diagnostic pop
    if (length < 2)
        return fail(Status::InputOutput,
                    fmt::format("the name {} is too long or empty with its time", pattern));
    return std::string(text.data() + 1, length - 1);
}

} // namespace

CaptureFileName::CaptureFileName(const WriteOptions &options, std::time_t now)
    : options_(options), slice_begin_(now)
{
    if (options_.file_bytes != 0 && options_.file_count.value_or(0) > 1)
        digits_ = static_cast<int>(std::to_string(*options_.file_count - 1).size());
}

CaptureFileName::Turn CaptureFileName::at_time(std::time_t now)
{
    if (!options_.file_time || now - slice_begin_ < options_.file_time->count())
        return Turn::Stay;
    slice_begin_ = now;
    slices_++;
    number_ = 0;
    // With -C the count is that of a ring within each slice.
    if (options_.file_bytes == 0 && options_.file_count && slices_ >= *options_.file_count)
        return Turn::End;
    return Turn::Next;
}

CaptureFileName::Turn CaptureFileName::at_size(std::uint64_t file_bytes)
{
    if (options_.file_bytes == 0 || file_bytes <= options_.file_bytes)
        return Turn::Stay;
    number_++;
    if (options_.file_count)
        number_ %= *options_.file_count;
    return Turn::Next;
}

bool CaptureFileName::numbered() const
{
    return number_ != 0 || digits_ != 0;
}

Result<std::string> CaptureFileName::name() const
{
    Result<std::string> name = options_.file;

    if (options_.file_time)
        name = with_time(options_.file, slice_begin_);
    if (name && numbered())
        *name += fmt::format("{:0{}}", number_, digits_);
    if (name && name->size() >= PATH_MAX)
        return fail(Status::InputOutput, fmt::format("the name {} is too long", *name));
    return name;
}

} // namespace tcptrace
