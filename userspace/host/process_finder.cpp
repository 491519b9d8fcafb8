// SPDX-License-Identifier: Apache-2.0
#include "host/process_finder.h"

#include "host/process_name.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>

namespace tcptrace {

namespace {

constexpr std::size_t most_known = 4096;
constexpr std::size_t most_lately = 16;

bool leads_to(const std::string &descriptor, std::string_view wanted)
{
    std::array<char, 64> text{};
    const ssize_t length = readlink(descriptor.c_str(), text.data(), text.size());
    return length > 0 && std::string_view(text.data(), static_cast<std::size_t>(length)) == wanted;
}

std::string link_of(std::uint32_t inode)
{
    return fmt::format("socket:[{}]", inode);
}

} // namespace

std::optional<ProcessName> ProcessFinder::holder(std::uint32_t inode, std::uint32_t netns,
                                                 const std::vector<Inhabitant> &inhabitants,
                                                 Deadline deadline)
{
    if (inode == 0)
        return std::nullopt;
    if (const auto known = known_.find(inode); known != known_.end()) {
        const Place place = known->second;
        if (leads_to(fmt::format("/proc/{}/fd/{}", place.pid, place.descriptor), link_of(inode)))
            return name_process(place.pid);
        known_.erase(known);
    }
    const auto place = search(inode, netns, inhabitants, deadline);
    if (!place)
        return std::nullopt;
    remember(inode, *place);
    return name_process(place->pid);
}

std::optional<ProcessFinder::Place>
ProcessFinder::search(std::uint32_t inode, std::uint32_t netns,
                      const std::vector<Inhabitant> &inhabitants, Deadline deadline) const
{
    for (const std::uint32_t pid : lately_) {
        if (auto place = search(inode, pid, deadline))
            return place;
    }
    for (const bool at_home : {true, false}) {
        for (const Inhabitant &one : inhabitants) {
            if (passed(deadline))
                return std::nullopt;
            if ((one.netns == netns) != at_home)
                continue;
            if (auto place = search(inode, one.pid, deadline))
                return place;
        }
    }
    return std::nullopt;
}

std::optional<ProcessFinder::Place> ProcessFinder::search(std::uint32_t inode, std::uint32_t pid,
                                                          Deadline deadline)
{
    constexpr unsigned at_a_time = 64; // descriptors between two looks at the clock
    const std::string wanted = link_of(inode);
    std::error_code error;
    unsigned seen = 0;

    for (std::filesystem::directory_iterator entry(fmt::format("/proc/{}/fd", pid), error), end;
         !error && entry != end; entry.increment(error)) {
        if (++seen % at_a_time == 0 && passed(deadline))
            return std::nullopt;
        if (!leads_to(entry->path().native(), wanted))
            continue;
        const std::string name = entry->path().filename();
        Place place{.pid = pid, .descriptor = 0};
        std::from_chars(name.data(), name.data() + name.size(), place.descriptor);
        return place;
    }
    return std::nullopt;
}

void ProcessFinder::remember(std::uint32_t inode, Place place)
{
    if (known_.size() == most_known)
        known_.clear();
    known_.emplace(inode, place);
    std::erase(lately_, place.pid);
    lately_.push_front(place.pid);
    if (lately_.size() > most_lately)
        lately_.pop_back();
}

} // namespace tcptrace
