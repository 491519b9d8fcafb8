// SPDX-License-Identifier: Apache-2.0
// The one place where libpcap compiles a pcap-filter(7) expression, and where its refusal
// becomes a usage error. Running the result is packet_filter.h's and translate.h's business.
#pragma once

#include "core/result.h"
#include "filter/classic_program.h"

#include <tcptrace/parse.h>

#include <string>

namespace tcptrace {

inline constexpr int snap_length_default = 262144; // tcpdump's

// Which packets an expression is compiled for. It matters whether they come from a file:
// `inbound` and `ifindex` can be asked of a live packet of any link type.
struct PacketKind {
    int data_link = 0; // libpcap's DLT_
    tt_link link = TT_LINK_ETHERNET;
    bool from_file = false;
    bool swapped = false;                  // a file of a machine with the other byte order
    int snap_length = snap_length_default; // what a match returns
};

// Live, on a device with Ethernet's header.
[[nodiscard]] PacketKind ethernet_kind(int snap_length = snap_length_default);

[[nodiscard]] Result<ClassicProgram> compile_expression(const std::string &expression,
                                                        const PacketKind &kind);
// The same for a live device that is not Ethernet, of an expression right for Ethernet:
// what libpcap refuses there (`arp`, `ether host`) can match no packet of that device.
[[nodiscard]] ClassicProgram compile_or_match_nothing(const std::string &expression, int data_link);

// As tcpdump -d, -dd and -ddd print it: `style` is the number of d's.
[[nodiscard]] std::string dump_text(const ClassicProgram &program, int style);

} // namespace tcptrace
