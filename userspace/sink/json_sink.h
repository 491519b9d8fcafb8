// SPDX-License-Identifier: Apache-2.0
// JSON Lines (contract §5), each object whole on its line, also when interrupted.
#pragma once

#include "sink/sink.h"
#include "sink/stream.h"
#include "sink/wall_clock.h"

#include <string>

namespace tcptrace {

struct JsonOptions {
    std::string version{};
    bool events = true;      // with --diagnose only with -v
    bool packets = false;    // --packets
    bool flush_each = false; // live, or -l: every object at once
};

class JsonSink : public Sink {
public:
    JsonSink(JsonOptions options, WallOffset wall, Stream out = Stream::standard_output());

    void start(const StartInfo &info) override;
    void event(const Observation &observation, std::uint32_t anomalies) override;
    void packet(const Observation &packet, std::uint32_t anomalies) override;
    void diagnosis(const Diagnosis &diagnosis) override;
    void lost(std::uint64_t records, std::uint64_t time_ns) override;
    void summary(const Summary &summary) override;
    [[nodiscard]] bool alive() const override { return !out_.dead(); }
    [[nodiscard]] Result<void> finish() override;

private:
    void emit(bool now);

    JsonOptions options_;
    WallOffset wall_;
    Stream out_;
    std::string buffer_; // reused
};

} // namespace tcptrace
