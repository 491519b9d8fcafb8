// SPDX-License-Identifier: Apache-2.0
#include "host/namespace_counts.h"

#include "host/stack_counters.h"

namespace tcptrace {

namespace {

constexpr std::uint64_t ttl_ns = 250'000'000;

std::uint64_t since(std::uint64_t before, std::uint64_t now)
{
    return now >= before ? now - before : now; // below: another namespace of the same number
}

ConntrackFact since(const ConntrackCounts &before, const ConntrackCounts &now)
{
    ConntrackFact fact;
    fact.count = now.count;
    fact.max = now.max;
    fact.dropped = since(before.dropped, now.dropped);
    fact.early_dropped = since(before.early_dropped, now.early_dropped);
    fact.insert_failed = since(before.insert_failed, now.insert_failed);
    fact.invalid = since(before.invalid, now.invalid);
    return fact;
}

} // namespace

NamespaceCounts::Sums NamespaceCounts::read(Deadline deadline)
{
    return {.stack = read_stack_counters(), .conntrack = conntrack_counts(deadline)};
}

void NamespaceCounts::begin(const Namespaces &namespaces, Deadline deadline)
{
    new_ones_began_at_zero_ = namespaces.complete() && namespaces.may_leave_home();
    for (const Namespace &one : namespaces.all()) {
        Kept &kept = kept_[one.inode]; // without sums it begins where it is met, not at zero
        const auto visit = passed(deadline) ? std::nullopt : namespaces.enter(one.inode);
        if (visit)
            kept.began = read(deadline);
    }
}

NamespaceCounts::Counts NamespaceCounts::of(std::uint32_t netns, std::uint64_t now_ns,
                                            Deadline deadline)
{
    const auto [place, is_new] = kept_.try_emplace(netns);
    Kept &kept = place->second;
    if (kept.at_ns != 0 && now_ns < kept.at_ns + ttl_ns)
        return kept.counts;

    const Sums now = read(deadline);
    if (is_new && new_ones_began_at_zero_)
        kept.began = {.stack = StackCounters{}, .conntrack = ConntrackCounts{}};
    if (!kept.began.stack)
        kept.began.stack = now.stack;
    if (!kept.began.conntrack)
        kept.began.conntrack = now.conntrack;

    kept.counts = {};
    if (now.stack && kept.began.stack)
        kept.counts.stack = tcptrace::since(*kept.began.stack, *now.stack);
    if (now.conntrack && kept.began.conntrack)
        kept.counts.conntrack = since(*kept.began.conntrack, *now.conntrack);
    kept.at_ns = now_ns;
    return kept.counts;
}

void NamespaceCounts::forget_gone(const Namespaces &namespaces)
{
    if (namespaces.complete())
        std::erase_if(kept_, [&](const auto &one) { return !namespaces.find(one.first); });
}

} // namespace tcptrace
