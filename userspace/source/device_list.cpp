// SPDX-License-Identifier: Apache-2.0
#include "source/device_list.h"

#include <fmt/format.h>
#include <net/if.h>
#include <pcap/pcap.h>

#include <array>
#include <memory>
#include <string_view>

namespace tcptrace {

namespace {

std::string flags_text(bpf_u_int32 flags)
{
    std::string text;
    const auto add = [&text](std::string_view word) {
        text += text.empty() ? "" : ", ";
        text += word;
    };
    if (flags & PCAP_IF_UP)
        add("Up");
    if (flags & PCAP_IF_RUNNING)
        add("Running");
    if (flags & PCAP_IF_LOOPBACK)
        add("Loopback");
    if (flags & PCAP_IF_WIRELESS)
        add("Wireless");
    if ((flags & PCAP_IF_CONNECTION_STATUS) == PCAP_IF_CONNECTION_STATUS_CONNECTED)
        add("Connected");
    if ((flags & PCAP_IF_CONNECTION_STATUS) == PCAP_IF_CONNECTION_STATUS_DISCONNECTED)
        add("Disconnected");
    return text.empty() ? "none" : text;
}

} // namespace

Result<std::string> device_list()
{
    pcap_if_t *first = nullptr;
    std::array<char, PCAP_ERRBUF_SIZE> reason{};
    if (pcap_findalldevs(&first, reason.data()) != 0)
        return fail(Status::CannotRun, fmt::format("cannot list interfaces: {}", reason.data()));

    const std::unique_ptr<pcap_if_t, decltype(&pcap_freealldevs)> all(first, pcap_freealldevs);
    std::string text;
    int number = 1;
    for (const pcap_if_t *each = all.get(); each; each = each->next) {
        const bool any = each->name == std::string_view("any");
        if (!any && if_nametoindex(each->name) == 0)
            continue; // libpcap's own sources: nflog, dbus and their like
        fmt::format_to(std::back_inserter(text), "{}.{}{} [{}]\n", number++, each->name,
                       any ? " (all interfaces, also those to come)" : "", flags_text(each->flags));
    }
    return text;
}

} // namespace tcptrace
