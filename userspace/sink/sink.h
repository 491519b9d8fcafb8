// SPDX-License-Identifier: Apache-2.0
// Where results go. The pipeline tells every sink everything, in order; a sink decides
// how it looks (through render/) and where its bytes go.
#pragma once

#include "core/diagnosis.h"
#include "core/observation.h"
#include "core/result.h"
#include "core/summary.h"

namespace tcptrace {

class Sink {
public:
    virtual ~Sink() = default;
    virtual void start(const StartInfo &info) = 0;
    // `anomalies`: those of the observation that are to be told (--only), never 0.
    virtual void event(const Observation &observation, std::uint32_t anomalies) = 0;
    // A packet that matches the filter (--packets, -w), in the order of the source; of
    // whatever protocol. `anomalies`: those found in it that are to be told, 0 for none.
    virtual void packet(const Observation &packet, std::uint32_t anomalies) = 0;
    virtual void diagnosis(const Diagnosis &diagnosis) = 0;
    virtual void lost(std::uint64_t records, std::uint64_t time_ns) = 0;
    virtual void summary(const Summary &summary) = 0;
    // False when nobody reads any more (`| head`): then there is no reason to go on.
    [[nodiscard]] virtual bool alive() const { return true; }
    // The run ends for this sink's sake: it has all it was to take, or cannot take more.
    [[nodiscard]] virtual bool done() const { return false; }
    // An output that failed (disk full, closed pipe) says so here, once, at the end.
    [[nodiscard]] virtual Result<void> finish() = 0;
};

} // namespace tcptrace
