// SPDX-License-Identifier: Apache-2.0
// A pcap or pcapng file, or standard input, read by libpcap frame by frame.
#pragma once

#include "core/result.h"
#include "filter/expression.h"

#include <tcptrace/parse.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct pcap;

namespace tcptrace {

struct Frame {
    std::uint64_t time_ns = 0; // Unix time; never less than the one before
    std::uint64_t number = 0;  // from 1
    std::uint32_t wire_length = 0;
    std::span<const std::uint8_t> bytes{}; // valid until the next is read
};

class CaptureFile {
public:
    [[nodiscard]] static Result<CaptureFile> open(const std::string &path);

    // The next frame, or nullptr at the end; an Error when the rest cannot be read.
    [[nodiscard]] Result<const Frame *> next();
    [[nodiscard]] tt_link link() const { return link_; }
    [[nodiscard]] int data_link() const { return data_link_; }      // DLT_
    [[nodiscard]] PacketKind kind() const;                          // for filters
    [[nodiscard]] const std::string &name() const { return name_; } // for messages

private:
    struct Close {
        void operator()(pcap *handle) const;
    };
    CaptureFile() = default;

    std::unique_ptr<pcap, Close> handle_;
    std::string name_;
    tt_link link_ = TT_LINK_ETHERNET;
    int data_link_ = 0;
    Frame frame_;
};

} // namespace tcptrace
