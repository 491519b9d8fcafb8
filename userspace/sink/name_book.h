// SPDX-License-Identifier: Apache-2.0
// What --resolve prints: names of hosts as host_names.h learns them, and of ports as
// /etc/services has them, read once.
#pragma once

#include "render/names.h"
#include "sink/host_names.h"

#include <cstdint>
#include <map>
#include <string>

namespace tcptrace {

class NameBook final : public Names {
public:
    // `short_hosts`: without their domain (-N).
    NameBook(HostNamesOptions options, bool short_hosts);

    [[nodiscard]] std::string host(Bytes address) const override;
    [[nodiscard]] std::string_view service(std::uint8_t protocol,
                                           std::uint16_t port) const override;
    [[nodiscard]] bool lagged() const { return hosts_.lagged(); }

private:
    using Ports = std::map<std::uint16_t, std::string>;

    mutable HostNames hosts_; // remembers
    bool short_hosts_;
    Ports tcp_;
    Ports udp_;
};

} // namespace tcptrace
