// SPDX-License-Identifier: Apache-2.0
// Where observations come from. The pipeline above cannot tell a live kernel from a
// file: both own their clock, both deliver records in time order with ticks between.
#pragma once

#include "core/observation.h"
#include "core/path_view.h"
#include "core/result.h"
#include "core/summary.h"

#include <cstdint>
#include <optional>

namespace tcptrace {

class Handler {
public:
    virtual ~Handler() = default;
    // Everything is attached, or the file is open. Returns false to end the run.
    virtual bool on_start(const StartInfo &info) = 0;
    // Valid only during the call. Returns false to end the run (-c).
    virtual bool on_observation(const Observation &observation) = 0;
    // A packet of a flow from before its first anomaly, out of a recorder; told before that
    // anomaly. As far as it was recorded.
    virtual void on_earlier(const Observation &packet) = 0;
    // A packet that matches the filter, of whatever protocol, where packets were asked for
    // (--packets, -w); one with anomalies was an observation before. Without a TCP segment
    // only time, lengths, link, way, interface and frame of it are set. Returns as above.
    virtual bool on_packet(const Observation &packet) = 0;
    // The source's clock has reached `now_ns`; at least once a second of it.
    virtual void on_tick(std::uint64_t now_ns) = 0;
};

class Source {
public:
    virtual ~Source() = default;
    // Delivers until the end of the input, the time limit, a signal, or the handler's
    // word. An Error after some observations means: what was whole has been delivered.
    virtual Result<void> run(Handler &handler) = 0;
    // Packets come as they happen (a kernel, a pipe), and are to be told of at once.
    [[nodiscard]] virtual bool waits() const = 0;
    // Packets inside a tunnel that the filter did not match; 0 where that is not known.
    [[nodiscard]] virtual std::uint64_t unmatched_in_tunnels() const { return 0; }
    // A connection as each of several files holds it; empty where there are not several. Of
    // those that followed on the same ports, the one that began with this sequence number.
    [[nodiscard]] virtual PathView path_view(const tt_flow_key &,
                                             std::optional<std::uint32_t>) const
    {
        return {};
    }
    // Nanoseconds to add to the source's clock to get Unix time. Changes when the
    // wall clock is set; 0 for a file.
    [[nodiscard]] virtual std::int64_t wall_offset_ns() const = 0;
    [[nodiscard]] virtual tt_counters counters() const = 0;
    [[nodiscard]] virtual std::uint64_t bytes() const = 0; // on the wire; 0 if not counted
    // Time from SYN to the segment that completed the handshake, or nothing if none did.
    [[nodiscard]] virtual std::optional<Percentiles> handshake() const = 0;
};

} // namespace tcptrace
