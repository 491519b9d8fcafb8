// SPDX-License-Identifier: Apache-2.0
// All the programs that one expression of the user's becomes, by which packet they are about:
// the one that is seen, or the one a tunnel carries in it.
#pragma once

#include "core/result.h"
#include "filter/expression.h"

#include <optional>
#include <string>

namespace tcptrace {

// --inner: the whole expression is about what a tunnel carries.
enum class Inner : bool { No, Yes };

struct FilterPrograms {
    // Of the packet as it is. Nothing: any will do.
    std::optional<ClassicProgram> own;
    std::optional<ClassicProgram> own_raw; // the same on devices without link header
    // Of what it carries, if that is Ethernet, or IP; nothing: not asked.
    std::optional<ClassicProgram> inside_ethernet;
    std::optional<ClassicProgram> inside_raw;
    bool any_tunnel = false; // inside any, and not inside VXLAN only
};

// An expression that libpcap refuses is a usage error in libpcap's own words.
[[nodiscard]] Result<FilterPrograms> compile_programs(const std::string &expression,
                                                      const PacketKind &kind, Inner inner);

} // namespace tcptrace
