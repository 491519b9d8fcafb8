// SPDX-License-Identifier: Apache-2.0
// What a process is called: its command, its container, its pod.
#pragma once

#include "core/host_facts.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace tcptrace {

// Empty: it has ended.
[[nodiscard]] std::optional<ProcessName> name_process(std::uint32_t pid);

// Fills in namespace and name of the pod whose uid is known: the kubelet's log folders are
// named NAMESPACE_NAME_UID. Nothing is filled in where there is no such folder.
void name_pod(ProcessName &process, const std::filesystem::path &logs);

} // namespace tcptrace
