// SPDX-License-Identifier: Apache-2.0
// Capture files for tests: libpcap reads them, the contract's headers tell what each frame
// is. One state for each pair of endpoints, never aged, at depth sequence.
#pragma once

#include "core/observation.h"

#include <tcptrace/classify.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace::test {

struct Frame {
    std::vector<std::uint8_t> bytes;
    std::uint32_t wire_length = 0;
    std::uint64_t time_ns = 0;
};

struct Capture {
    tt_link link = TT_LINK_ETHERNET;
    int data_link = 0;         // libpcap's DLT_
    std::vector<Frame> frames; // those before the first damaged one
};

// Nothing if libpcap cannot open it or its link type is none of ours.
[[nodiscard]] std::optional<Capture> read_capture(const std::filesystem::path &path);
// The folder of shared captures, or nothing: then a test skips with a sentence.
[[nodiscard]] std::optional<std::filesystem::path> shared_captures();

// Makes records of frames, as a source would.
class Classifier {
public:
    explicit Classifier(tt_link link) : link_(link) {}
    // False if the frame is neither TCP nor an ICMP error about it.
    bool classify(const Frame &frame, tt_record &record);

private:
    struct Less {
        bool operator()(const tt_flow_key &a, const tt_flow_key &b) const;
    };
    tt_link link_;
    std::map<tt_flow_key, tt_flow_state, Less> states_;
};

} // namespace tcptrace::test
