// SPDX-License-Identifier: Apache-2.0
// A format of capture files: what it makes of packets. Which packets, into which file and
// when is the sink's. Each call adds whole records or blocks, so that a file may end after any.
#pragma once

#include "core/observation.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tcptrace {

// draft-ietf-opsawg-pcaplinktype
enum LinkType : std::uint32_t {
    LINKTYPE_NULL = 0,
    LINKTYPE_ETHERNET = 1,
    LINKTYPE_RAW = 101,
    LINKTYPE_LINUX_SLL = 113,
    LINKTYPE_LINUX_SLL2 = 276,
};

struct CaptureEnd {
    std::uint64_t unix_ns = 0;
    std::optional<std::uint64_t> received; // by the interface, and of those
    std::optional<std::uint64_t> dropped;  // for want of room
    std::vector<std::string> comments;     // that no packet carries
};

class CaptureFormat {
public:
    virtual ~CaptureFormat() = default;
    // Begins a file; what was said of interfaces before is forgotten.
    virtual void begin(std::string &out) = 0;
    virtual void packet(std::string &out, const PacketView &packet, std::uint64_t unix_ns,
                        std::span<const std::string> comments) = 0;
    virtual void end(std::string &out, const CaptureEnd &end) = 0;
    [[nodiscard]] virtual bool takes_comments() const = 0;
};

} // namespace tcptrace
