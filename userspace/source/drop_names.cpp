// SPDX-License-Identifier: Apache-2.0
#include "source/drop_names.h"

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace tcptrace {

namespace {

// Name, size and users of each; a module that comes or goes changes it.
std::string modules()
{
    std::ifstream file("/proc/modules");
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view place_name(std::uint8_t place)
{
    constexpr std::array<std::string_view, 8> names{"",        "ingress", "prerouting",  "input",
                                                    "forward", "output",  "postrouting", "egress"};
    return place < names.size() ? names[place] : names[0];
}

} // namespace

std::string_view drop_hook(std::string_view reason, std::string_view function, std::uint8_t place)
{
    if (reason == "TC_INGRESS" || reason == "XDP" || function == "do_xdp_generic")
        return place_name(TT_PLACE_INGRESS);
    if (reason == "TC_EGRESS")
        return place_name(TT_PLACE_EGRESS);
    if (reason == "NETFILTER_DROP" || reason == "NETFILTER_INGRESS" ||
        function.starts_with("nf_hook_slow") || function == "nft_do_chain")
        return place_name(place);
    return {};
}

DropNames::DropNames(DropReasons reasons, KernelSymbols symbols)
    : reasons_(std::move(reasons)), symbols_(std::move(symbols)), modules_(modules())
{
}

DropName DropNames::of(const tt_drop_view &drop)
{
    DropName name;
    name.function = function(drop.location);
    if (drop.knows_reason)
        name.reason = reasons_.name(drop.reason);
    name.hook = drop_hook(name.reason, name.function, drop.place);
    return name;
}

const std::string &DropNames::function(std::uint64_t location)
{
    const auto known = functions_.find(location);
    if (known != functions_.end())
        return known->second;
    if (!symbols_.in_core(location))
        follow_modules();
    if (functions_.size() >= functions_max)
        functions_.clear();
    return functions_.emplace(location, symbols_.function(location)).first->second;
}

// Whoever gave up its privileges since sees no addresses any more: what it knew stays.
void DropNames::follow_modules()
{
    std::string now = modules();
    if (symbols_.empty() || now == modules_)
        return;
    modules_ = std::move(now);
    if (KernelSymbols again = KernelSymbols::read(); !again.empty()) {
        symbols_ = std::move(again);
        functions_.clear();
    }
}

} // namespace tcptrace
