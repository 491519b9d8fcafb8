// SPDX-License-Identifier: Apache-2.0
// A pcap or pcapng file, or standard input, read by libpcap frame by frame.
#pragma once

#include "core/result.h"
#include "filter/expression.h"
#include "source/capture_stream.h"
#include "source/file_clock.h"

#include <tcptrace/parse.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct pcap;

namespace tcptrace {

struct Frame {
    std::uint64_t time_ns = 0;  // FileClock's: never less than the one before
    std::uint64_t stamp_ns = 0; // as it stands in the file, Unix time
    std::uint64_t number = 0;   // from 1
    std::uint32_t wire_length = 0;
    std::span<const std::uint8_t> bytes{}; // valid until the next of this file is read
};

class CaptureFile {
public:
    [[nodiscard]] static Result<CaptureFile> open(const std::string &path);

    // The next frame, or nullptr at the end; an Error when the rest cannot be read.
    [[nodiscard]] Result<const Frame *> next();
    // From here on, nanoseconds to add to the file's time; its stamps stay as they are.
    void shift_clock(std::int64_t offset) { offset_ = offset; }
    [[nodiscard]] tt_link link() const { return link_; }
    [[nodiscard]] int data_link() const { return data_link_; }      // DLT_
    [[nodiscard]] std::uint32_t snaplen() const;                    // as the file says
    [[nodiscard]] PacketKind kind() const;                          // for filters
    [[nodiscard]] const std::string &name() const { return name_; } // for messages
    [[nodiscard]] bool waits() const { return stream_->waits(); }

private:
    struct Close {
        void operator()(pcap *handle) const;
    };
    CaptureFile() = default;
    [[nodiscard]] Result<bool> read(Frame &frame); // false: the end

    std::unique_ptr<CaptureStream> stream_; // outlives handle_
    std::unique_ptr<pcap, Close> handle_;
    std::string name_;
    tt_link link_ = TT_LINK_ETHERNET;
    int data_link_ = 0;
    FileClock clock_;
    std::int64_t offset_ = 0;
    std::uint64_t number_ = 0;
    Frame frame_;
    std::optional<Result<bool>> ahead_; // what read() said already, to see a stamp ahead
    Frame frame_ahead_;
    std::vector<std::uint8_t> doubted_; // bytes of the frame before it
};

} // namespace tcptrace
