// SPDX-License-Identifier: Apache-2.0
#include "filter/culprit.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <memory>

namespace tcptrace {

namespace {

bool compiles(const std::string &expression, int data_link)
{
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(pcap_open_dead(data_link, 65535),
                                                                pcap_close);
    bpf_program code{};
    const bool good =
        pcap_compile(handle.get(), &code, expression.c_str(), 0, PCAP_NETMASK_UNKNOWN) == 0;
    pcap_freecode(&code);
    return good;
}

// Can some continuation make this the beginning of a right expression?
bool may_go_on(const std::string &beginning, int data_link)
{
    constexpr std::array continuations{"",         " tcp",     " 80",           " 1-2",
                                       " ::1",     " 1.2.3.4", " host 1.2.3.4", " = 1",
                                       " 1 = 1",   " [0] = 1", " 1:2:3:4:5:6",  " host 1:2:3:4:5:6",
                                       " 1.2.3/24"};
    const auto opened = std::ranges::count(beginning, '(');
    const auto closed = std::ranges::count(beginning, ')');
    const std::string closing(static_cast<std::size_t>(std::max(opened - closed, 0L)), ')');

    return std::ranges::any_of(continuations, [&](const char *more) {
        return compiles(beginning + more + closing, data_link);
    });
}

} // namespace

std::string culprit(std::string_view expression, int data_link)
{
    constexpr std::string_view space = " \t\n";
    std::string beginning;

    for (std::size_t at = expression.find_first_not_of(space); at != std::string_view::npos;) {
        const std::size_t end = std::min(expression.find_first_of(space, at), expression.size());
        const std::string word(expression.substr(at, end - at));
        beginning += (beginning.empty() ? "" : " ") + word;
        if (!may_go_on(beginning, data_link))
            return word;
        at = expression.find_first_not_of(space, end);
    }
    return {};
}

} // namespace tcptrace
