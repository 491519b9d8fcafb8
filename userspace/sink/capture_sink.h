// SPDX-License-Identifier: Apache-2.0
// -w: packets into capture files. What a file holds of a packet is render/'s; names and turns
// of files are capture_file_name.h's, whole records record_file.h's.
#pragma once

#include "render/capture_format.h"
#include "sink/capture_file_name.h"
#include "sink/comment_window.h"
#include "sink/flow_recorder.h"
#include "sink/record_file.h"
#include "sink/sink.h"
#include "sink/stream.h"
#include "sink/wall_clock.h"
#include "sink/write_options.h"

#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tcptrace {

struct CaptureOptions {
    WriteOptions write{};
    std::optional<std::uint32_t> link_type{}; // of all packets; nothing: the source's
    std::uint32_t snaplen = 0;                // of live packets; a file has its own
    bool nanoseconds = false;                 // pcap; pcapng always has them
    std::string application{};                // as pcapng names who wrote it
};

using SecondsClock = std::function<std::time_t()>; // Unix time

class CaptureSink : public Sink {
public:
    CaptureSink(
        CaptureOptions options, WallOffset wall,
        SecondsClock clock = [] { return std::time(nullptr); },
        Stream notes = Stream::standard_error());

    // Opens the first file.
    void start(const StartInfo &info) override;
    void event(const Observation &observation, std::uint32_t anomalies) override;
    void packet(const Observation &packet, std::uint32_t anomalies) override;
    void diagnosis(const Diagnosis &diagnosis) override;
    void lost(std::uint64_t, std::uint64_t) override {}
    void summary(const Summary &summary) override;
    [[nodiscard]] bool done() const override { return done_; }
    [[nodiscard]] Result<void> finish() override;

private:
    [[nodiscard]] Result<std::unique_ptr<CaptureFormat>> make_format(const StartInfo &info) const;
    void take(const PacketView &packet, std::uint64_t unix_ns, std::vector<std::string> comments);
    void let_go(const tt_flow_key &connection);
    void comment_pending();
    void write(const PacketView &packet, std::uint64_t unix_ns,
               const std::vector<std::string> &comments);
    void turn_by_time();
    void begin_file();
    void end_file();
    void give_up(const Result<void> &why);

    CaptureOptions options_;
    WallOffset wall_;
    SecondsClock clock_;
    Stream notes_;
    CaptureFileName name_;
    std::unique_ptr<CaptureFormat> format_;
    std::optional<RecordFile> file_;
    std::optional<CommentWindow> window_; // where the format takes comments
    std::optional<FlowRecorder> flows_;   // --on-anomaly
    std::vector<Diagnosis> pending_;      // for the packet that is on its way here
    CaptureEnd end_;
    std::string record_; // reused
    bool done_ = false;
    Result<void> outcome_;
};

} // namespace tcptrace
