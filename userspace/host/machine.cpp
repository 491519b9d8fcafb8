// SPDX-License-Identifier: Apache-2.0
#include "host/machine.h"

#include "host/process_name.h"
#include "host/routes.h"

#include <algorithm>

namespace tcptrace {

namespace {

constexpr std::uint64_t namespaces_ttl_ns = 5'000'000'000;
constexpr std::uint64_t least_between_looks_ns = 500'000'000; // when an unknown one is named
constexpr std::uint64_t listeners_ttl_ns = 1'000'000'000;
constexpr std::size_t most_asked_listeners = 1024;
constexpr std::size_t most_between = 4;
constexpr std::size_t most_owners = 8; // of listeners: their processes are searched for

void ask_way(EndFacts &facts, const Path &path, Deadline deadline)
{
    if (const auto hop = route_of(path, deadline)) {
        facts.route = hop->route;
        facts.neighbour = neighbour_of(*hop, deadline);
    }
}

} // namespace

Result<Machine> Machine::open()
{
    auto namespaces = Namespaces::open();
    if (!namespaces)
        return std::unexpected(std::move(namespaces.error()));
    return Machine(std::move(*namespaces));
}

void Machine::begin(std::uint64_t now_ns, Deadline deadline)
{
    namespaces_.refresh(deadline);
    looked_around_ns_ = now_ns;
    counts_.begin(namespaces_, deadline);
    addresses_.refresh(namespaces_, now_ns, deadline);
}

HostFacts Machine::look(const Question &question, std::uint64_t now_ns, Deadline deadline)
{
    keep_up(question, now_ns, deadline);
    const Located located = locate(question, namespaces_, addresses_, deadline);

    HostFacts facts;
    facts.asked_ns = now_ns;
    facts.names = located.names;
    for (std::size_t end = 0; end < located.netns.size(); end++) {
        if (located.netns[end] != 0)
            facts.ends[end] = ask_end(located, end, now_ns, deadline);
    }
    if (question.pid != 0 && !passed(deadline))
        facts.process = name_process(question.pid);
    for (const std::uint32_t netns : located.between) {
        if (facts.between.size() < most_between)
            facts.between.push_back(ask_between(located, netns, now_ns, deadline));
    }
    return facts;
}

std::vector<std::string> Machine::notes() const
{
    if (!namespaces_.may_leave_home())
        return {"only this network namespace is asked for sockets, routes and counters: the "
                "others take CAP_SYS_ADMIN"};
    if (!namespaces_.complete())
        return {"not all processes and network namespaces of this machine were looked at"};
    return {};
}

void Machine::keep_up(const Question &question, std::uint64_t now_ns, Deadline deadline)
{
    if (passed(deadline))
        return;
    const auto unknown = [&](std::uint32_t netns) {
        return netns != 0 && !namespaces_.find(netns);
    };
    const bool new_one = std::ranges::any_of(question.netns, unknown) ||
                         std::ranges::any_of(question.on_the_way, unknown);
    const std::uint64_t ttl = new_one ? least_between_looks_ns : namespaces_ttl_ns;

    if (looked_around_ns_ == 0 || now_ns >= looked_around_ns_ + ttl) {
        // On a machine of very many processes this must leave time for the question.
        const auto now = std::chrono::steady_clock::now();
        namespaces_.refresh(now + (deadline - now) / 3);
        counts_.forget_gone(namespaces_);
        looked_around_ns_ = now_ns;
    }
    addresses_.refresh(namespaces_, now_ns, deadline);
}

EndFacts Machine::named(std::uint32_t netns) const
{
    EndFacts facts;
    facts.netns = netns;
    if (const Namespace *one = namespaces_.find(netns))
        facts.netns_name = one->name;
    return facts;
}

EndFacts Machine::ask_end(const Located &located, std::size_t end, std::uint64_t now_ns,
                          Deadline deadline)
{
    const Connection &connection = located.known_as[end];
    const bool responder = end == 1;
    const Endpoint &local = responder ? connection.responder : connection.initiator;
    const Endpoint &remote = responder ? connection.initiator : connection.responder;
    EndFacts facts = named(located.netns[end]);
    std::optional<std::vector<Listener>> listening;
    std::optional<HeldSocket> held;

    if (connection != located.asked)
        facts.known_as = connection;
    {
        const auto visit = namespaces_.enter(facts.netns);
        if (!visit)
            return facts;
        held = socket_of(local, remote, deadline);
        if (responder)
            listening = listeners(facts.netns, local.port, now_ns, deadline);
        ask_way(facts, {local.address, local.port, remote}, deadline);
        ask_counts(facts, now_ns, deadline);
    }
    if (held) {
        facts.socket = held->fact;
        facts.socket->owner =
            processes_.holder(held->inode, facts.netns, namespaces_.inhabitants(), deadline);
    }
    if (listening)
        tell_listeners(facts, std::move(*listening), local.address, deadline);
    return facts;
}

EndFacts Machine::ask_between(const Located &located, std::uint32_t netns, std::uint64_t now_ns,
                              Deadline deadline)
{
    EndFacts facts = named(netns);
    const auto visit = namespaces_.enter(netns);
    if (!visit)
        return facts;
    ask_way(facts, {.source = {}, .source_port = 0, .destination = located.beyond.responder},
            deadline);
    ask_counts(facts, now_ns, deadline);
    return facts;
}

void Machine::ask_counts(EndFacts &facts, std::uint64_t now_ns, Deadline deadline)
{
    auto counts = counts_.of(facts.netns, now_ns, deadline);
    facts.counters = counts.stack;
    facts.conntrack = counts.conntrack;
}

std::optional<std::vector<Listener>> Machine::listeners(std::uint32_t netns, std::uint16_t port,
                                                        std::uint64_t now_ns, Deadline deadline)
{
    const std::pair key{netns, port};
    const auto known = asked_listeners_.find(key);
    if (known != asked_listeners_.end() && now_ns < known->second.at_ns + listeners_ttl_ns)
        return known->second.listeners;
    if (asked_listeners_.size() >= most_asked_listeners)
        asked_listeners_.clear();
    auto answer = listeners_on(port, deadline);
    asked_listeners_[key] = {.at_ns = now_ns, .listeners = answer};
    return answer;
}

void Machine::tell_listeners(EndFacts &facts, std::vector<Listener> found, const Address &address,
                             Deadline deadline)
{
    facts.listeners_known = true;
    for (Listener &one : found) {
        one.fact.takes_it = takes(one, address);
        if (facts.listeners.size() < most_owners)
            one.fact.owner =
                processes_.holder(one.inode, facts.netns, namespaces_.inhabitants(), deadline);
        facts.listeners.push_back(std::move(one.fact));
    }
}

} // namespace tcptrace
