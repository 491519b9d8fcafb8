// SPDX-License-Identifier: Apache-2.0
// How packet lines look: tcpdump's options of the same meaning.
#pragma once

#include "render/time_column.h"

#include <cstdint>

namespace tcptrace {

class Names;

// What follows a packet's line. As tcpdump has it: -X before -x before -A.
enum class Dump : std::uint8_t {
    None,
    Hex,          // -x
    HexLink,      // -xx: with the link header
    HexAscii,     // -X
    HexAsciiLink, // -XX
    Ascii,        // -A
    AsciiLink,    // -AA
};

struct LineOptions {
    int verbosity = 0; // -v, -vv, -vvv
    TimeStyle time = TimeStyle::Default;
    Dump dump = Dump::None;
    bool nanoseconds = false;       // --nano
    bool number = false;            // -#
    bool link_header = false;       // -e
    bool quick = false;             // -q
    bool judges_checksums = true;   // not with -K
    bool absolute_sequence = false; // -S
    const Names *names = nullptr;   // --resolve; null: numbers alone
    bool interface_columns = false; // live `any`: "eth0  Out " before the packet
};

} // namespace tcptrace
