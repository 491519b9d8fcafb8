// SPDX-License-Identifier: Apache-2.0
// pcapng files (draft-ietf-opsawg-pcapng): each interface by its name and with its own link
// type, nanoseconds, the way of each packet, and comments.
#pragma once

#include "render/capture_format.h"

#include <map>
#include <utility>

namespace tcptrace {

struct PcapngFileOptions {
    std::optional<std::uint32_t> link_type; // of all packets; nothing: each its own
    std::uint32_t snaplen = 0;
    std::string application; // "tcptrace 1.0"
    std::string system;      // "Linux 6.1.0"; empty: not known
};

class PcapngFormat : public CaptureFormat {
public:
    explicit PcapngFormat(PcapngFileOptions options) : options_(std::move(options)) {}

    void begin(std::string &out) override;
    void packet(std::string &out, const PacketView &packet, std::uint64_t unix_ns,
                std::span<const std::string> comments) override;
    void end(std::string &out, const CaptureEnd &end) override;
    [[nodiscard]] bool takes_comments() const override { return true; }

private:
    struct Interface {
        std::uint32_t number = 0; // in the file, by order of appearance
        std::uint64_t packets = 0;
    };
    Interface &interface_of(std::string &out, std::uint32_t ifindex, std::string_view name,
                            std::uint32_t link_type);
    void append_interface(std::string &out, std::string_view name, std::uint32_t link_type) const;

    PcapngFileOptions options_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Interface> interfaces_; // index, link type
};

} // namespace tcptrace
