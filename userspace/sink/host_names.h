// SPDX-License-Identifier: Apache-2.0
// The names of hosts, looked up by threads of their own: whoever prints asks memory alone, or
// waits a bounded time where no packet is lost by it. Look-ups may hang for as long as they
// like; nobody waits for them at the end. Ports and -N are name_book.h's.
#pragma once

#include "core/address.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace tcptrace {

// Asks the system (hosts file, DNS, as nsswitch.conf says); blocks. Empty: no name, or one
// that is not fit to be printed, for whoever owns an address says what its name is.
[[nodiscard]] std::string system_host_name(const Address &address);

struct HostNamesOptions {
    using Clock = std::chrono::steady_clock;

    // Called by our threads, one that hangs even when HostNames is gone: it owns what it uses.
    std::function<std::string(const Address &)> look_up = system_host_name;
    // Not called any more when HostNames is gone.
    std::function<Clock::time_point()> now = Clock::now;
    // For the first answer about an address; zero: never wait.
    std::chrono::milliseconds patience{0};
    std::chrono::seconds named_for{300}; // then it is asked anew, and the old name stays till then
    std::chrono::seconds nameless_for{60};
    std::size_t hosts_max = 16384; // remembered; then the oldest are forgotten
    std::size_t pending_max = 256; // further ones are asked when they are met again
    std::size_t pending_many = 64; // as many are worth a note
    unsigned workers_max = 4;      // one that hangs shall not stop the others
};

class HostNames {
public:
    explicit HostNames(HostNamesOptions options);
    HostNames(const HostNames &) = delete;
    HostNames &operator=(const HostNames &) = delete;
    ~HostNames();

    [[nodiscard]] std::string name_of(const Address &address);
    // Have look-ups ever piled up, or answers been waited for in vain again and again?
    [[nodiscard]] bool lagged() const;

private:
    class Desk;
    std::shared_ptr<Desk> desk_; // also the threads', which may outlive us
};

} // namespace tcptrace
