// SPDX-License-Identifier: Apache-2.0
#include "host/firewall.h"

#include "host/read_ruleset.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <utility>

namespace tcptrace {

namespace {

constexpr std::size_t namespaces_max = 256; // whose counters are remembered
constexpr std::size_t times_max = 4;        // of each
// Reading takes a tenth of the time at most, but for so much that may be spent at once.
constexpr std::uint64_t reading_share = 10;
constexpr std::int64_t credit_max_ns = 2'000'000'000;

std::uint64_t boot_time_ns()
{
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
           static_cast<std::uint64_t>(now.tv_nsec);
}

// From 6.7 on nftables frees what it drops where it decides ("netfilter: make nftables drops
// visible in net dropmonitor"); before, nf_hook_slow frees for all.
bool frees_in_nft_do_chain()
{
    utsname name{};
    if (uname(&name) != 0)
        return false;
    const std::string_view release = static_cast<const char *>(name.release);
    const std::size_t dot = release.find('.');
    if (dot == std::string_view::npos)
        return false;
    const int major = std::atoi(release.data());
    const int minor = std::atoi(release.data() + dot + 1);
    return std::pair(major, minor) >= std::pair(6, 7);
}

} // namespace

Firewall::Firewall()
    : nftables_frees_itself_(frees_in_nft_do_chain()), credit_ns_(credit_max_ns),
      credited_ns_(boot_time_ns())
{
}

void Firewall::note(const FirewallPlace &place, Deadline deadline)
{
    read(place.netns, deadline);
}

void Firewall::read(std::uint32_t netns, Deadline deadline)
{
    const std::uint64_t began = boot_time_ns();
    auto rules = read_ruleset(deadline);
    const std::uint64_t ended = boot_time_ns();
    if (!rules) {
        last_ = Reading{netns, began, {.chains = {}, .missing = rules.error().message}};
        return;
    }
    if (past_.size() >= namespaces_max && !past_.contains(netns))
        past_.erase(past_.begin());
    auto &times = past_[netns];
    if (times.size() >= times_max)
        times.pop_front();
    times.push_back({ended, RuleCounters(*rules)});
    last_ = Reading{netns, began, std::move(*rules)};
}

void Firewall::spend(std::uint32_t netns, Deadline deadline)
{
    const std::uint64_t began = boot_time_ns();
    read(netns, deadline);
    credit_ns_ -= static_cast<std::int64_t>(boot_time_ns() - began);
}

bool Firewall::may_read()
{
    const std::uint64_t now = boot_time_ns();
    const auto earned = static_cast<std::int64_t>((now - credited_ns_) / reading_share);
    credit_ns_ = std::min(credit_ns_ + earned, credit_max_ns);
    credited_ns_ = now;
    return credit_ns_ > 0;
}

const RuleCounters *Firewall::before(std::uint32_t netns, std::uint64_t died_ns) const
{
    const RuleCounters *latest = nullptr;
    if (const auto found = past_.find(netns); found != past_.end())
        for (const Counted &counted : found->second)
            if (counted.read_ns < died_ns)
                latest = &counted.counters;
    return latest;
}

FirewallAnswer Firewall::rule_for(const FirewallPlace &place, DroppedPacket packet,
                                  Deadline deadline)
{
    FirewallAnswer answer;
    const bool at_hand = last_ && last_->netns == place.netns;
    if ((!at_hand || last_->began_ns <= packet.first_ns) && may_read())
        spend(place.netns, deadline);
    else if (!at_hand)
        return {.missing = "the firewall's rules take too long to read to do it so often"};
    answer.missing = last_->rules.missing;
    packet.nftables_frees_itself = nftables_frees_itself_;
    if (last_->began_ns <= packet.last_ns) // then it has counted the first, not yet all of them
        packet.count = 1;
    const Counting counting{before(place.netns, packet.first_ns),
                            last_->began_ns > packet.first_ns};
    if (const auto point = find_drop_point(packet, last_->rules, counting))
        answer.rule = describe(place, *point, deadline);
    return answer;
}

} // namespace tcptrace
