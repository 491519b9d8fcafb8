// SPDX-License-Identifier: Apache-2.0
#include "filter/filter_programs.h"

#include "filter/vxlan_expression.h"

#include <pcap/dlt.h>

#include <utility>

namespace tcptrace {

Result<FilterPrograms> compile_programs(const std::string &expression, const PacketKind &kind,
                                        Inner inner)
{
    FilterPrograms programs;
    programs.any_tunnel = inner == Inner::Yes;
    const auto parts = split_at_vxlan(expression);
    if (!parts)
        return std::unexpected(parts.error());
    if (programs.any_tunnel && !parts->inner.empty())
        return fail(Status::Usage, "--inner and \"vxlan and ...\" both name the packet inside",
                    "leave one of them out");

    if (!programs.any_tunnel) {
        auto own = compile_expression(parts->outer, kind);
        if (!own)
            return std::unexpected(own.error());
        programs.own = std::move(*own);
        if (!kind.from_file)
            programs.own_raw = compile_or_match_nothing(parts->outer, DLT_RAW);
    }
    const std::string &inside = programs.any_tunnel ? parts->outer : parts->inner;
    if (programs.any_tunnel || !inside.empty()) {
        PacketKind carried = kind;
        carried.data_link = DLT_EN10MB;
        auto ethernet = compile_expression(inside, carried);
        if (!ethernet)
            return std::unexpected(ethernet.error());
        programs.inside_ethernet = std::move(*ethernet);
        programs.inside_raw = compile_or_match_nothing(inside, DLT_RAW);
    }
    return programs;
}

} // namespace tcptrace
