// SPDX-License-Identifier: Apache-2.0
#include "app/filter_options.h"

#include "filter/filter_programs.h"
#include "source/capture_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace tcptrace {

namespace {

constexpr std::size_t file_bytes_max = 1U << 20;

void blank_comments(std::string &text)
{
    bool comment = false;
    for (char &each : text) {
        comment = each != '\n' && (comment || each == '#');
        if (comment)
            each = ' ';
    }
}

} // namespace

Result<std::string> read_filter_file(const std::string &path)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::fopen(path.c_str(), "re"),
                                                                std::fclose);
    if (!file)
        return fail(Status::InputOutput,
                    fmt::format("cannot open {}: {}", path, std::strerror(errno)));
    std::string text;
    std::array<char, 4096> part{};
    while (const std::size_t got = std::fread(part.data(), 1, part.size(), file.get())) {
        text.append(part.data(), got);
        if (text.size() > file_bytes_max)
            return fail(Status::Usage, fmt::format("{} is too large for a filter", path));
    }
    if (std::ferror(file.get()))
        return fail(Status::InputOutput,
                    fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    blank_comments(text);
    return text;
}

Result<std::string> filter_dump(const Options &options)
{
    PacketKind kind = ethernet_kind(static_cast<int>(options.snaplen));
    if (options.read_from_file()) {
        const auto file = CaptureFile::open(options.read_files.front());
        if (!file)
            return std::unexpected(file.error());
        kind = file->kind();
    }
    const auto programs =
        compile_programs(options.filter, kind, options.inner ? Inner::Yes : Inner::No);
    if (!programs)
        return std::unexpected(programs.error());
    std::string text;
    if (programs->own)
        text = dump_text(*programs->own, options.dump_filter);
    if (programs->inside_ethernet)
        text +=
            "# of the packet inside\n" + dump_text(*programs->inside_ethernet, options.dump_filter);
    return text;
}

} // namespace tcptrace
