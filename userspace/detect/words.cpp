// SPDX-License-Identifier: Apache-2.0
#include "detect/words.h"

#include <fmt/format.h>

namespace tcptrace {

std::string duration_words(std::uint64_t ns)
{
    const double seconds = static_cast<double>(ns) / 1e9;
    if (seconds < 1e-3)
        return fmt::format("{:.0f} µs", seconds * 1e6);
    if (seconds < 1)
        return fmt::format("{:.1f} ms", seconds * 1e3);
    if (seconds < 120)
        return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::uint64_t>(seconds);
    return fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string endpoint_words(const Endpoint &endpoint)
{
    const std::string address = to_string(endpoint.address);
    return endpoint.address.family == TT_IPV6 ? fmt::format("[{}]:{}", address, endpoint.port)
                                              : fmt::format("{}:{}", address, endpoint.port);
}

std::string_view role_words(const Flow &flow, unsigned end)
{
    return end == flow.initiator() ? "client" : "server";
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many)
{
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string process_words(const ProcessName &process)
{
    constexpr std::size_t container_shown = 12; // as docker and crictl shorten it
    std::string words;
    const auto add = [&](std::string_view part) {
        words += words.empty() ? "" : " · ";
        words += part;
    };

    if (process.pid && !process.name.empty())
        add(fmt::format("pid {} {}", process.pid, process.name));
    else if (process.pid)
        add(fmt::format("pid {}", process.pid));
    else if (!process.name.empty())
        add(process.name);
    if (!process.container.empty())
        add(fmt::format("container {}", process.container.substr(0, container_shown)));
    if (!process.pod.empty())
        add(fmt::format("pod {}/{}", process.pod_namespace, process.pod));
    return words;
}

void name_process(const std::optional<ProcessName> &process, Diagnosis &diagnosis)
{
    if (!process)
        return;
    diagnosis.process = process;
    diagnosis.who = process_words(*process);
}

std::string syn_path_words(const Flow &flow)
{
    std::string words;
    for (const Point &point : flow.points()) {
        if (point.interface.empty() || point.syn_way == TT_WAY_UNKNOWN)
            continue;
        fmt::format_to(std::back_inserter(words), "{}{} ({})", words.empty() ? "on " : ", ",
                       point.interface, point.syn_way == TT_OUT ? "out" : "in");
    }
    return words;
}

} // namespace tcptrace
