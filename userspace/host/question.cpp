// SPDX-License-Identifier: Apache-2.0
#include "host/question.h"

#include "host/conntrack.h"
#include "host/ip_address.h"

#include <algorithm>
#include <cstddef>

namespace tcptrace {

namespace {

void add_once(std::vector<std::uint32_t> &list, std::uint32_t netns)
{
    if (netns != 0 && std::ranges::find(list, netns) == list.end())
        list.push_back(netns);
}

// Looks for the ends of one question.
class Search {
public:
    Search(const Question &question, const Namespaces &namespaces, const LocalAddresses &addresses,
           Deadline deadline)
        : question_(question), namespaces_(namespaces), addresses_(addresses), deadline_(deadline)
    {
    }

    Located run();

private:
    void by_address();
    void through_nat(const std::vector<std::uint32_t> &where);
    void believe_the_kernel();
    [[nodiscard]] std::vector<std::uint32_t> likely() const;
    [[nodiscard]] std::vector<std::uint32_t> all() const;

    const Question &question_;
    const Namespaces &namespaces_;
    const LocalAddresses &addresses_;
    Deadline deadline_;
    Located located_{};
    std::vector<std::uint32_t> asked_{};      // for an entry
    std::vector<std::uint32_t> with_entry_{}; // of those
};

Located Search::run()
{
    located_.asked = question_.connection;
    located_.known_as = {question_.connection,
                         question_.at_responder.value_or(question_.connection)};
    by_address();
    through_nat(likely());
    if (located_.netns[0] == 0 || located_.netns[1] == 0)
        through_nat(all());
    for (const Connection &name :
         {located_.known_as[0], question_.connection, located_.known_as[1]}) {
        if (std::ranges::find(located_.names, name) == located_.names.end())
            located_.names.push_back(name);
    }
    if (located_.names.size() == 1)
        located_.names.clear();
    located_.beyond = located_.known_as[1];
    believe_the_kernel();

    for (const std::uint32_t netns : question_.on_the_way)
        add_once(located_.between, netns);
    for (const std::uint32_t netns : with_entry_)
        add_once(located_.between, netns);
    std::erase_if(located_.between, [&](std::uint32_t netns) {
        return std::ranges::find(located_.netns, netns) != located_.netns.end();
    });
    return located_;
}

void Search::by_address()
{
    const Address &from = question_.connection.initiator.address;
    const Address &to = located_.known_as[1].responder.address;
    // On loopback, and from an address to itself, both ends are in one place.
    const bool one_place = from == to || (is_loopback(from) && is_loopback(to));

    located_.netns = question_.netns;
    for (std::size_t end = 0; end < located_.netns.size(); end++) {
        std::uint32_t &netns = located_.netns[end];
        if (netns == 0 && one_place)
            netns = question_.netns[1 - end];
        if (netns == 0)
            netns = addresses_.owner(end == 0 ? from : to).value_or(0);
    }
}

// A VIP, a NodePort or a masqueraded address is nobody's, or not the one's that it seems: the
// namespace that translates tells who the ends really are.
void Search::through_nat(const std::vector<std::uint32_t> &where)
{
    const Connection &connection = question_.connection;
    for (const std::uint32_t netns : where) {
        if (passed(deadline_))
            return;
        if (std::ranges::find(asked_, netns) != asked_.end())
            continue;
        asked_.push_back(netns);
        const auto visit = namespaces_.enter(netns);
        const auto entry = visit ? conntrack_entry(connection, deadline_) : std::nullopt;
        if (!entry)
            continue;
        add_once(with_entry_, netns);
        if (!is_nat(*entry))
            continue;
        // One translates before this side of the connection, and another may behind it.
        const Endpoint &initiator = entry->before.initiator;
        const Endpoint &responder = entry->beyond.responder;
        if (entry->before != connection)
            located_.known_as[0] = entry->before;
        if (entry->beyond != connection)
            located_.known_as[1] = entry->beyond;
        if (initiator != connection.initiator)
            located_.netns[0] = addresses_.owner(initiator.address).value_or(0);
        if (responder != connection.responder)
            located_.netns[1] = addresses_.owner(responder.address).value_or(0);
    }
}

// What its records say of a socket's place is not overruled by a translation.
void Search::believe_the_kernel()
{
    for (std::size_t end = 0; end < located_.netns.size(); end++) {
        if (question_.netns[end] != 0) {
            located_.netns[end] = question_.netns[end];
            located_.known_as[end] = question_.connection;
        }
    }
}

// A node translates at home; an end may translate itself.
std::vector<std::uint32_t> Search::likely() const
{
    std::vector<std::uint32_t> some{namespaces_.home()};
    for (const std::uint32_t netns : located_.netns)
        add_once(some, netns);
    for (const std::uint32_t netns : question_.on_the_way)
        add_once(some, netns);
    return some;
}

std::vector<std::uint32_t> Search::all() const
{
    std::vector<std::uint32_t> every;
    for (const Namespace &one : namespaces_.all())
        every.push_back(one.inode);
    return every;
}

} // namespace

Located locate(const Question &question, const Namespaces &namespaces,
               const LocalAddresses &addresses, Deadline deadline)
{
    return Search(question, namespaces, addresses, deadline).run();
}

} // namespace tcptrace
