// SPDX-License-Identifier: Apache-2.0
// How far a SYN came, and why no further: what the kernel's drops and this machine's tables
// say of a connection attempt. The detector syn_timeout asks; syn_words.h tells it.
#pragma once

#include "detect/detector.h"

#include <optional>

namespace tcptrace {

// Tries of the initiator, also those that no interface ever saw.
struct Attempts {
    std::uint32_t times = 0;
    std::uint64_t first_ns = 0; // 0: none is known
};

[[nodiscard]] Attempts attempts(const Flow &flow);
// The drop that counts: of a SYN, of the answer to it (a SYN-ACK, or a reset that a rule keeps
// from its receiver); NULL: none.
[[nodiscard]] const DropSeen *syn_drop(const Flow &flow);
[[nodiscard]] const DropSeen *reply_drop(const Flow &flow);
// An ICMP error said that the host, or the way to it, cannot be reached.
[[nodiscard]] bool says_unreachable(const IcmpSeen &icmp);

// The listener of this connection, the fullest; NULL: not known.
[[nodiscard]] const ListenerFact *listener_of(const Flow &flow);
[[nodiscard]] bool is_full(const ListenerFact &listener);

// Why there is no connection; the honest answer where nothing says it.
[[nodiscard]] Verdict syn_verdict(const Flow &flow);
// The client thinks it is connected, the server could not keep the connection for want of
// room in its accept queue.
[[nodiscard]] std::optional<Verdict> refused_by_full_queue(const Flow &flow);

} // namespace tcptrace
