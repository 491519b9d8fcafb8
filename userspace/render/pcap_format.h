// SPDX-License-Identifier: Apache-2.0
// Classic pcap files (draft-ietf-opsawg-pcap): one link type for all packets, and no more of
// each than its time, its lengths and its bytes.
#pragma once

#include "render/capture_format.h"

namespace tcptrace {

struct PcapFileOptions {
    std::uint32_t link_type = LINKTYPE_ETHERNET;
    std::uint32_t snaplen = 0; // as the header says
    bool nanoseconds = false;
};

class PcapFormat : public CaptureFormat {
public:
    explicit PcapFormat(const PcapFileOptions &options) : options_(options) {}

    void begin(std::string &out) override;
    // Linux cooked v2, if that is the link type and the packet is not.
    void packet(std::string &out, const PacketView &packet, std::uint64_t unix_ns,
                std::span<const std::string> comments) override;
    void end(std::string &, const CaptureEnd &) override {}
    [[nodiscard]] bool takes_comments() const override { return false; }

private:
    PcapFileOptions options_;
};

} // namespace tcptrace
