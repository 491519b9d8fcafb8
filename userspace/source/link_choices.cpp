// SPDX-License-Identifier: Apache-2.0
#include "source/link_choices.h"

#include "source/interfaces.h"
#include "source/link_type.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>

namespace tcptrace {

namespace {

LinkChoice choice_of(int data_link)
{
    return {.name = pcap_datalink_val_to_name(data_link),
            .description = pcap_datalink_val_to_description(data_link),
            .link_type = link_type_in_file(data_link)};
}

} // namespace

Result<std::vector<LinkChoice>> link_choices(const std::vector<std::string> &interfaces)
{
    std::vector<LinkChoice> choices;
    if (interfaces.size() == 1) {
        const auto interface = find_interface(interfaces.front());
        if (!interface)
            return std::unexpected(interface.error());
        choices.push_back(choice_of(has_ethernet_header(*interface) ? DLT_EN10MB : DLT_RAW));
    }
    choices.push_back(choice_of(DLT_LINUX_SLL2));
    return choices;
}

Result<std::string> link_list(const std::vector<std::string> &interfaces)
{
    const auto choices = link_choices(interfaces);
    if (!choices)
        return std::unexpected(choices.error());
    std::string text =
        fmt::format("Data link types for {} (use option -y to set):\n",
                    interfaces.empty() ? "any" : fmt::format("{}", fmt::join(interfaces, ", ")));
    for (const LinkChoice &each : *choices)
        text += fmt::format("  {} ({})\n", each.name, each.description);
    return text;
}

Result<LinkChoice> choose_link(const std::vector<std::string> &interfaces, const std::string &name)
{
    auto choices = link_choices(interfaces);
    if (!choices)
        return std::unexpected(choices.error());
    if (name.empty())
        return choices->front();
    const int wanted = pcap_datalink_name_to_val(name.c_str()); // whatever its letters' case
    if (wanted < 0)
        return fail(Status::Usage, fmt::format("invalid data link type {}", name),
                    "-L lists those of the interface");
    const auto found =
        std::ranges::find(*choices, link_type_in_file(wanted), &LinkChoice::link_type);
    if (found == choices->end())
        return fail(Status::Usage,
                    fmt::format("{} is not one of the DLTs supported by this device", name),
                    "-L lists those of the interface");
    return *found;
}

} // namespace tcptrace
