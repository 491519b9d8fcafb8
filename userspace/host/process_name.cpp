// SPDX-License-Identifier: Apache-2.0
#include "host/process_name.h"

#include "host/cgroup_path.h"
#include "host/names.h"
#include "host/proc_file.h"

#include <fmt/format.h>

namespace tcptrace {

namespace {

constexpr const char *kubelet_logs = "/var/log/pods";
constexpr int most_pods = 4096;

} // namespace

std::optional<ProcessName> name_process(std::uint32_t pid)
{
    auto command = read_proc_file(fmt::format("/proc/{}/comm", pid));
    if (!command)
        return std::nullopt;
    if (command->ends_with('\n'))
        command->pop_back();

    ProcessName process;
    process.pid = pid;
    process.name = without_controls(std::move(*command));
    if (const auto cgroups = read_proc_file(fmt::format("/proc/{}/cgroup", pid))) {
        ContainerPlace place = container_of(*cgroups);
        process.container = std::move(place.container);
        process.pod_uid = std::move(place.pod_uid);
        name_pod(process, kubelet_logs);
    }
    return process;
}

void name_pod(ProcessName &process, const std::filesystem::path &logs)
{
    if (process.pod_uid.empty())
        return;
    const std::string ending = "_" + process.pod_uid;
    std::error_code error;
    int looked_at = 0;
    for (std::filesystem::directory_iterator entry(logs, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename();
        if (++looked_at > most_pods)
            return;
        if (!name.ends_with(ending))
            continue;
        const std::string both = name.substr(0, name.size() - ending.size());
        const std::size_t between = both.find('_'); // neither name may hold one (RFC 1123 labels)
        if (between == std::string::npos)
            return;
        process.pod_namespace = without_controls(both.substr(0, between));
        process.pod = without_controls(both.substr(between + 1));
        return;
    }
}

} // namespace tcptrace
