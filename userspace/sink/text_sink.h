// SPDX-License-Identifier: Apache-2.0
// Lines for people: events and diagnoses to standard output, notes and closing counters to
// standard error.
#pragma once

#include "render/line_options.h"
#include "render/packet_printer.h"
#include "sink/sink.h"
#include "sink/stream.h"
#include "sink/wall_clock.h"

#include <string>

namespace tcptrace {

struct TextOptions {
    LineOptions line{};
    bool events = true;          // print events (with --diagnose only with -v)
    bool packets = false;        // --packets
    bool verdicts_apart = false; // diagnoses and the verdict are notes: standard output has
                                 // packets alone (--packets, -w, but for --diagnose)
    bool colour = false;
    bool flush_each = false;      // live, or -l: every line at once
    bool notes = true;            // "listening on ..." and what is not available
    bool closing_counters = true; // tcpdump's three, and ours
    bool stats = false;           // all counters
};

class TextSink : public Sink {
public:
    TextSink(TextOptions options, WallOffset wall, Stream out = Stream::standard_output(),
             Stream notes = Stream::standard_error());

    void start(const StartInfo &info) override;
    void event(const Observation &observation, std::uint32_t anomalies) override;
    void packet(const Observation &packet, std::uint32_t anomalies) override;
    void diagnosis(const Diagnosis &diagnosis) override;
    void lost(std::uint64_t records, std::uint64_t time_ns) override;
    void summary(const Summary &summary) override;
    [[nodiscard]] bool alive() const override { return !out_.dead(); }
    [[nodiscard]] Result<void> finish() override;

private:
    void emit();
    void emit_verdict();

    TextOptions options_;
    WallOffset wall_;
    Stream out_;
    Stream notes_;
    TimeColumn time_;
    PacketPrinter printer_;
    tt_depth depth_ = TT_DEPTH_SEQUENCE;
    std::string buffer_; // reused
};

} // namespace tcptrace
