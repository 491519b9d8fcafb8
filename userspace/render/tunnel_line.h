// SPDX-License-Identifier: Apache-2.0
// Tunnels over IP and UDP as tcpdump prints them, with the packet inside: GRE, VXLAN, Geneve.
// IP in IP is ip_protocol.cpp's.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

LineEnd append_gre(std::string &out, Bytes gre, std::uint32_t length, const LineContext &context);
LineEnd append_vxlan(std::string &out, Bytes vxlan, std::uint32_t length,
                     const LineContext &context);
LineEnd append_vxlan_gpe(std::string &out, Bytes vxlan, std::uint32_t length,
                         const LineContext &context);
LineEnd append_geneve(std::string &out, Bytes geneve, std::uint32_t length,
                      const LineContext &context);

} // namespace tcptrace
