// SPDX-License-Identifier: Apache-2.0
// A packet that netfilter dropped or rejected, as far as it is known.
#pragma once

#include "core/address.h"
#include "host/ruleset.h"

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>

namespace tcptrace {

// Addresses and ports as they stood when it died: a NAT may have changed them before.
struct DroppedPacket {
    std::uint8_t protocol = IPPROTO_TCP;
    Endpoint source{};
    Endpoint destination{};
    std::uint8_t tcp_flags = 0;
    std::string in_interface{}; // empty: not known
    std::string out_interface{};
    std::optional<ConntrackBit> conntrack{}; // of a SYN that is tracked: new
    std::optional<std::uint32_t> length{};   // from the IP header on
    std::string hook{};                      // "forward"; empty: not known
    std::string function{};                  // it was freed in; empty: not known
    bool nftables_frees_itself = false;      // this kernel frees in nft_do_chain, not nf_hook_slow
    // Whether the address is one of this namespace: tells the hook where `hook` does not.
    std::optional<bool> source_is_here{};
    std::optional<bool> destination_is_here{};
    std::uint64_t count = 1; // packets like this
    // When they died, CLOCK_BOOTTIME as records of the kernel have it.
    std::uint64_t first_ns = 0;
    std::uint64_t last_ns = 0;
};

} // namespace tcptrace
