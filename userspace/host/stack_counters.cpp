// SPDX-License-Identifier: Apache-2.0
#include "host/stack_counters.h"

#include "host/proc_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>

namespace tcptrace {

namespace {

struct Name {
    std::string_view group; // before the colon; snmp6 has none: its names begin with it
    std::string_view name;
    std::uint64_t StackCounters::*field;
};

// By net/ipv4/proc.c and net/ipv6/proc.c.
constexpr std::array names{
    Name{"TcpExt", "ListenOverflows", &StackCounters::listen_overflows},
    Name{"TcpExt", "ListenDrops", &StackCounters::listen_drops},
    Name{"TcpExt", "TCPReqQFullDrop", &StackCounters::request_queue_full_drops},
    Name{"TcpExt", "TCPReqQFullDoCookies", &StackCounters::request_queue_full_cookies},
    Name{"TcpExt", "SyncookiesSent", &StackCounters::syncookies_sent},
    Name{"TcpExt", "TCPDeferAcceptDrop", &StackCounters::deferred_accepts},
    Name{"TcpExt", "IPReversePathFilter", &StackCounters::reverse_path_filtered},
    Name{"TcpExt", "TCPRcvQDrop", &StackCounters::receive_queue_drops},
    Name{"TcpExt", "RcvPruned", &StackCounters::receive_queue_drops},
    Name{"IpExt", "InNoRoutes", &StackCounters::no_routes_in},
    Name{"Ip", "OutNoRoutes", &StackCounters::no_routes_out},
    Name{"Tcp", "OutRsts", &StackCounters::resets_out},
    Name{"Tcp", "AttemptFails", &StackCounters::attempts_failed},
    Name{"Tcp", "InCsumErrors", &StackCounters::checksum_errors},
    Name{"", "Ip6OutNoRoutes", &StackCounters::no_routes_out},
    Name{"", "Ip6InNoRoutes", &StackCounters::no_routes_in},
};

constexpr std::array fields{
    &StackCounters::listen_overflows,
    &StackCounters::listen_drops,
    &StackCounters::request_queue_full_drops,
    &StackCounters::request_queue_full_cookies,
    &StackCounters::syncookies_sent,
    &StackCounters::deferred_accepts,
    &StackCounters::reverse_path_filtered,
    &StackCounters::receive_queue_drops,
    &StackCounters::no_routes_out,
    &StackCounters::no_routes_in,
    &StackCounters::resets_out,
    &StackCounters::attempts_failed,
    &StackCounters::checksum_errors,
};
static_assert(fields.size() * sizeof(std::uint64_t) == sizeof(StackCounters));

// Takes a piece up to the mark, and the mark, off the front.
std::string_view take(std::string_view &text, char mark)
{
    const std::size_t at = std::min(text.find(mark), text.size());
    const std::string_view piece = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return piece;
}

void add(StackCounters &counters, std::string_view group, std::string_view name,
         std::string_view value)
{
    const auto known = std::ranges::find_if(
        names, [&](const Name &one) { return one.group == group && one.name == name; });
    std::uint64_t number = 0;
    if (known != names.end() &&
        std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc{})
        counters.*known->field += number;
}

} // namespace

void add_named_lines(StackCounters &counters, std::string_view text)
{
    while (!text.empty()) {
        std::string_view heads = take(text, '\n');
        std::string_view values = take(text, '\n');
        const std::string_view group = take(heads, ':');
        if (take(values, ':') != group)
            return; // not the pair of lines it should be: what follows could be misread
        take(heads, ' ');
        take(values, ' ');
        while (!heads.empty() && !values.empty()) {
            const std::string_view name = take(heads, ' ');
            add(counters, group, name, take(values, ' '));
        }
    }
}

void add_named_values(StackCounters &counters, std::string_view text)
{
    while (!text.empty()) {
        std::string_view line = take(text, '\n');
        const std::size_t end = line.find_first_of(" \t");
        const std::size_t value = line.find_last_of(" \t");
        if (end != std::string_view::npos)
            add(counters, "", line.substr(0, end), line.substr(value + 1));
    }
}

std::optional<StackCounters> read_stack_counters()
{
    StackCounters counters;
    const auto netstat = read_proc_file("/proc/thread-self/net/netstat");
    const auto snmp = read_proc_file("/proc/thread-self/net/snmp");
    if (!netstat || !snmp)
        return std::nullopt;
    add_named_lines(counters, *netstat);
    add_named_lines(counters, *snmp);
    if (const auto snmp6 = read_proc_file("/proc/thread-self/net/snmp6")) // absent without IPv6
        add_named_values(counters, *snmp6);
    return counters;
}

StackCounters since(const StackCounters &before, const StackCounters &now)
{
    StackCounters difference;
    for (const auto field : fields) {
        if (now.*field < before.*field)
            return now;
        difference.*field = now.*field - before.*field;
    }
    return difference;
}

} // namespace tcptrace
