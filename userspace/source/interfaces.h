// SPDX-License-Identifier: Apache-2.0
// The interfaces of this network namespace, and word of those that come, change and go
// (rtnetlink). What is done with them is hooks.h.
#pragma once

#include "core/result.h"
#include "core/unique_fd.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tcptrace {

struct Interface {
    std::uint32_t index = 0;
    std::string name;
    std::uint16_t type = 0; // ARPHRD_
};

// What frames of it begin with; neither: a link type that is not read.
[[nodiscard]] bool has_ethernet_header(const Interface &interface);
[[nodiscard]] bool has_no_link_header(const Interface &interface);

[[nodiscard]] Result<Interface> find_interface(const std::string &name);

class InterfaceWatch {
public:
    struct Changes {
        std::vector<Interface> present; // new, or changed
        std::vector<std::uint32_t> gone;
        bool overrun = false; // the kernel had more to say than it could keep: list() again
    };

    // From now on changes are kept for poll().
    [[nodiscard]] static Result<InterfaceWatch> open();
    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] std::vector<Interface> list() const;
    [[nodiscard]] Changes poll() const; // does not wait

private:
    explicit InterfaceWatch(UniqueFd socket) : socket_(std::move(socket)) {}
    UniqueFd socket_;
};

} // namespace tcptrace
