// SPDX-License-Identifier: Apache-2.0
// World 2: each scenario through the BPF programs, as seen by its client's host: what the
// client sends at TC egress, what comes back at TC ingress, and a second time at XDP.
#include "support/kernel_side.h"
#include "support/private_netns.h"
#include "support/scenario_frame.h"

#include <catch2/catch_test_macros.hpp>
#include <net/if.h>

#include <algorithm>
#include <iterator>
#include <map>

using namespace tcptrace;
using namespace tcptrace::test;

namespace {

constexpr std::uint32_t flows = 64;

// BPF_PROG_TEST_RUN takes only interfaces that are there; which they are says nothing.
class Places {
public:
    Places()
    {
        if (!netns_.run("ip link add tt0 type veth peer name tt1"))
            SKIP("this kernel has no veth, or there is no `ip`");
    }

    std::uint32_t at(std::uint32_t scenario_ifindex)
    {
        if (scenario_ifindex == 0)
            return 1;
        const auto [place, fresh] = known_.try_emplace(scenario_ifindex, 0);
        if (fresh) {
            static constexpr const char *names[] = {"lo", "tt0", "tt1"};
            REQUIRE(known_.size() <= std::size(names));
            place->second = if_nametoindex(names[known_.size() - 1]);
        }
        return place->second;
    }

private:
    PrivateNetns netns_;
    std::map<std::uint32_t, std::uint32_t> known_;
};

void add(std::vector<Told> &told, const std::vector<Heard> &heard)
{
    for (const Heard &each : heard)
        std::ranges::copy(told_of(each.record.finding), std::back_inserter(told));
}

tt_hook hook_of(const Step &step, bool xdp)
{
    const bool out = step.way == TT_WAY_UNKNOWN ? step.from_client : step.way == TT_OUT;
    return out ? TT_HOOK_TC_EGRESS : xdp ? TT_HOOK_XDP : TT_HOOK_TC_INGRESS;
}

std::vector<std::vector<Told>> play(const Scenario &scenario, KernelSide &kernel, Places &places,
                                    bool xdp)
{
    std::vector<std::vector<Told>> told;
    for (const Step &step : scenario.steps) {
        const std::uint64_t now = TT_NSEC_PER_SEC + step.time_ns;
        std::vector<Told> &here = told.emplace_back();
        add(here, kernel.sweep(now));
        if (step.kind == Step::Kind::Silence)
            continue;
        const auto frame = frame_of(scenario, step, TT_LINK_ETHERNET);
        add(here, kernel.see({.frame = frame,
                              .hook = hook_of(step, xdp),
                              .ifindex = places.at(step.ifindex),
                              .now_ns = now}));
    }
    return told;
}

} // namespace

TEST_CASE("every scenario, through the BPF programs")
{
    if (const auto reason = why_no_bpf())
        SKIP(*reason);
    Places places;
    KernelSide kernel(test_settings(), flows);
    for (const Scenario &scenario : all_scenarios()) {
        for (const bool xdp : {false, true}) {
            // XDP sees all frames of a test on one interface.
            if (xdp && scenario.several_points)
                continue;
            kernel.forget_flows();
            INFO(scenario.name << (xdp ? " at XDP" : " at TC"));
            for (const std::string &difference :
                 differences(scenario, play(scenario, kernel, places, xdp)))
                FAIL_CHECK(difference);
        }
    }
}
