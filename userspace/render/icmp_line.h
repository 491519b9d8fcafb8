// SPDX-License-Identifier: Apache-2.0
// The parts of an ICMP message (IPv4) that have a file of their own.
#pragma once

#include "render/bytes.h"
#include "render/line_context.h"

#include <cstdint>
#include <string>

namespace tcptrace {

enum class IcmpType : std::uint8_t {
    EchoReply = 0,
    Unreachable = 3,
    SourceQuench = 4,
    Redirect = 5,
    EchoRequest = 8,
    RouterAdvertisement = 9,
    RouterSolicitation = 10,
    TimeExceeded = 11,
    ParameterProblem = 12,
    TimestampRequest = 13,
    TimestampReply = 14,
    InformationRequest = 15,
    InformationReply = 16,
    AddressMaskRequest = 17,
    AddressMaskReply = 18,
};

// "host 10.0.0.1 unreachable", "redirect 10.0.0.1 to net 10.0.0.2": messages about a packet
// that they quote. False: cut by the capture; what was written then does not count.
bool append_icmp_unreachable(std::string &out, Bytes icmp, const Names *names);
bool append_icmp_redirect(std::string &out, Bytes icmp, const Names *names);

// What RFC 4884 lets stand behind the quoted packet, for -v. `length`: of the message.
LineEnd append_icmp_extension(std::string &out, Bytes icmp, std::uint32_t length);

} // namespace tcptrace
