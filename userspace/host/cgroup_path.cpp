// SPDX-License-Identifier: Apache-2.0
#include "host/cgroup_path.h"

#include <algorithm>
#include <cstddef>
#include <ranges>

namespace tcptrace {

namespace {

constexpr std::size_t id_digits = 64;

bool is_digits(std::string_view text)
{
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// What one folder of the path says of a container: "ID", "docker-ID.scope", "crio-ID",
// "cri-containerd-ID.scope", "libpod-ID.scope/container", "SLICE:cri-containerd:ID".
std::string_view container_id(std::string_view folder)
{
    constexpr std::string_view scope = ".scope";
    if (folder.ends_with(scope))
        folder.remove_suffix(scope.size());
    if (folder.size() < id_digits)
        return {};
    const std::string_view id = folder.substr(folder.size() - id_digits);
    const std::string_view before = folder.substr(0, folder.size() - id_digits);
    // conmon watches over a container and is not in it.
    if (!is_digits(id) || before.ends_with("conmon-"))
        return {};
    return before.empty() || before.ends_with('-') || before.ends_with(':') ? id
                                                                            : std::string_view{};
}

// "pod0f3c5c0e-...-...", and with systemd "kubepods-burstable-pod0f3c5c0e_..._.slice". The
// uid of a pod from a file on the node is 32 digits without dashes.
std::string pod_uid(std::string_view folder)
{
    constexpr std::string_view mark = "pod";
    constexpr std::size_t dashed = 36;
    constexpr std::size_t plain = 32;
    const std::size_t slice = folder.find(".slice");
    folder = folder.substr(0, slice);

    const std::size_t at = folder.rfind(mark);
    if (at == std::string_view::npos || (at != 0 && folder[at - 1] != '-'))
        return {};
    std::string uid(folder.substr(at + mark.size()));
    std::ranges::replace(uid, '_', '-');
    if (uid.size() != dashed && uid.size() != plain)
        return {};
    for (std::size_t i = 0; i < uid.size(); i++) {
        const bool dash = uid.size() == dashed && (i == 8 || i == 13 || i == 18 || i == 23);
        if (dash ? uid[i] != '-' : !is_digits(std::string_view(uid).substr(i, 1)))
            return {};
    }
    return uid;
}

// The path of a line "hierarchy:controllers:path" (cgroups(7)).
std::string_view path_of(std::string_view line)
{
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    return second == line.npos ? std::string_view{} : line.substr(second + 1);
}

} // namespace

ContainerPlace container_of(std::string_view cgroups)
{
    ContainerPlace place;
    for (const auto line : std::views::split(cgroups, '\n')) {
        ContainerPlace here;
        for (const auto part : std::views::split(path_of(std::string_view(line)), '/')) {
            const std::string_view folder(part);
            // Containers can stand in containers (kind): the innermost is the process'.
            if (const auto id = container_id(folder); !id.empty())
                here.container = id;
            if (auto uid = pod_uid(folder); !uid.empty())
                here.pod_uid = std::move(uid);
        }
        if (!here.container.empty())
            return here;
        if (place.pod_uid.empty())
            place = std::move(here);
    }
    return place;
}

} // namespace tcptrace
