// SPDX-License-Identifier: Apache-2.0
// Which container and pod a process is in, by its cgroups' paths as Docker, containerd,
// CRI-O, Podman and the kubelet name them, cgroup v1 and v2. Pure text.
#pragma once

#include <string>
#include <string_view>

namespace tcptrace {

struct ContainerPlace {
    std::string container; // 64 hexadecimal digits; empty: none, or not recognised
    std::string pod_uid;   // with dashes, as the API writes it
};

// `cgroups` is the text of /proc/PID/cgroup.
[[nodiscard]] ContainerPlace container_of(std::string_view cgroups);

} // namespace tcptrace
