// SPDX-License-Identifier: Apache-2.0
#include "source/libbpf_log.h"

#include <bpf/libbpf.h>

#include <array>
#include <cstdarg>
#include <cstdio>

namespace tcptrace {

namespace {

constexpr std::size_t kept_max = 64 * 1024; // a verifier's log can be megabytes
constexpr int lines_shown = 20;

std::string kept;

int keep(libbpf_print_level level, const char *format, va_list arguments)
{
    if (level == LIBBPF_DEBUG)
        return 0;
    std::array<char, 8192> line{};
    va_list copy;
    va_copy(copy, arguments);
    const int length = std::vsnprintf(line.data(), line.size(), format, arguments);
    if (length >= static_cast<int>(line.size())) {
        std::string whole(static_cast<std::size_t>(length) + 1, '\0');
        std::vsnprintf(whole.data(), whole.size(), format, copy);
        whole.pop_back();
        kept += whole;
    } else {
        kept += line.data();
    }
    va_end(copy);
    if (kept.size() > kept_max)
        kept.erase(0, kept.size() - kept_max);
    return 0;
}

int quiet(libbpf_print_level, const char *, va_list)
{
    return 0;
}

} // namespace

LibbpfLog::LibbpfLog()
{
    kept.clear();
    libbpf_set_print(keep);
}

LibbpfLog::~LibbpfLog()
{
    libbpf_set_print(quiet);
}

std::string LibbpfLog::tail() const
{
    std::size_t begin = kept.size();
    for (int line = 0; line <= lines_shown && begin != std::string::npos && begin > 0; line++)
        begin = kept.rfind('\n', begin - 1);
    return begin == std::string::npos || begin == 0 ? kept : kept.substr(begin + 1);
}

} // namespace tcptrace
