// SPDX-License-Identifier: Apache-2.0
// The data of a resource record as tcpdump prints it, by the record's type.
#pragma once

#include "render/bytes.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace tcptrace {

struct DnsRecordData {
    std::uint16_t type = 0;
    std::uint16_t udp_size = 0;       // of an OPT record: the class field
    std::uint16_t extended_flags = 0; // of an OPT record: the lower half of the TTL
    std::size_t at = 0;
    std::size_t length = 0; // all of it lies in the message
};

// Nothing of types that tcpdump tells by their name alone. False: cut or broken.
bool append_dns_record_data(std::string &out, Bytes message, const DnsRecordData &record,
                            int verbosity);

} // namespace tcptrace
